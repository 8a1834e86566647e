// How a kernel says no: one line for people, one exit code for programs. kernels/README.md lists the codes.
#pragma once
#include <stdexcept>
#include <string>

namespace cx {

enum Exit : int {
  kOk = 0,
  kUsage = 2,          // an argument is wrong, or does not fit the number of ranks
  kUnverified = 3,     // it ran, and its own check failed
  kTooLarge = 4,       // the problem would not fit in memory; found before allocating
  kNoData = 5,         // an input is missing, or an output cannot be written
  kCorruptData = 6,    // an input is there and is not what its header or checksum says
  kPeerLost = 7,       // another rank was lost, or did not answer in time
  kDiverged = 8,       // the numbers left the representable range
  kWrongMpi = 9,       // started by the launcher of another MPI
  kNoDevice = 10,      // no GPU that this back end can use, or it failed, or two ranks on one
  kStopped = 128 + 15  // SIGTERM: every rank agreed to stop
};

// Thrown anywhere, caught in main only. Multi-line messages would break log parsers: keep it to one line.
class Failure : public std::runtime_error {
 public:
  Failure(Exit code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Exit code() const { return code_; }

 private:
  Exit code_;
};

// One rank alone failed while others may wait for it in a collective: all must be ended.
class LoneFailure : public Failure {
 public:
  using Failure::Failure;
};

}  // namespace cx
