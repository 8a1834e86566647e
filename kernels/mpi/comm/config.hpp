// What the user asks of comm, and the work of a run from its arguments alone.
#pragma once
#include <string>
#include <vector>

#include "common/args.hpp"
#include "common/work.hpp"
#include "common/wrong.hpp"

namespace comm {

struct Config {
  long long largest = 4 << 20, rounds = 20, ranks = 1;
  bool plan = false, help = false;
  cx::Wrong wrong;

  // Message sizes in bytes: 8, 32, 128 and so on up to the largest.
  std::vector<long long> sizes() const {
    std::vector<long long> sizes;
    for (long long size = 8; size <= largest; size *= 4) sizes.push_back(size);
    return sizes;
  }
};

inline cx::Args options(Config& config) {
  cx::Args args("comm",
                "comm: how fast ranks talk. Halo exchanges with two neighbours and allreduces, over message sizes, and the\n"
                "latency and bandwidth that fit them. Checks every value that arrives.");
  args.integer("--largest", config.largest, 8, 1 << 30, "bytes of the largest message");
  args.integer("--rounds", config.rounds, 2, 1'000'000, "exchanges of each size; the median counts");
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 1'000'000, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // halo | allreduce
  return args;
}

// Throws Failure(kUsage) where there is nobody to talk to.
inline void check(const Config&) {}  // each option's own bounds are all there is to hold

inline void check_ranks(const Config&, long long ranks) {
  if (ranks < 2) throw cx::Failure(cx::kUsage, "comm needs at least 2 ranks, and has " + std::to_string(ranks));
}

// Payload: a halo exchange is two messages of each rank. An allreduce counts as the ring algorithm's 2 (n - 1) pieces of size
// / n, whatever the library does; its additions are not counted.
inline cx::Work planned(const Config& config) {
  cx::Work work;
  const double ranks = static_cast<double>(config.ranks), rounds = static_cast<double>(config.rounds);
  for (const long long size : config.sizes()) {
    work.bytes_net += rounds * (2 * ranks + 2 * (ranks - 1)) * static_cast<double>(size);
    work.msgs += rounds * (2 * ranks + 2 * (ranks - 1) * ranks);
  }
  return work;
}

}  // namespace comm
