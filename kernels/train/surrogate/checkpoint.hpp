// Checkpoints of the training. All ranks hold the same weights, so rank 0 alone writes and reads, and tells the others by the
// ring: only it needs to see the folder, and any number of ranks can resume.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "common/bytes.hpp"
#include "common/checkpoints.hpp"
#include "common/sealed.hpp"
#include "train/surrogate/ring.hpp"

namespace surrogate {

// Collective: runs `action` on rank 0. If it fails there, all ranks throw that failure, in rank 0's words.
template <typename Action>
void on_rank_0(Ring& ring, Action action) {
  constexpr std::size_t kWords = 64;  // 512 bytes of words
  Sums sums(1 + kWords);
  try {
    if (ring.rank() == 0) action();
  } catch (const cx::Failure& failure) {
    const std::string words = std::string(failure.what()).substr(0, 8 * kWords - 1);
    sums[0] = failure.code();
    std::memcpy(&sums[1], words.c_str(), words.size() + 1);
  }
  ring.tell(sums);
  if (sums[0]) throw cx::Failure(static_cast<cx::Exit>(sums[0]), reinterpret_cast<const char*>(&sums[1]));
}

// Collective: all ranks get rank 0's bytes.
inline void share(Ring& ring, std::string& bytes) {
  Sums size = {ring.rank() == 0 ? static_cast<std::int64_t>(bytes.size()) : 0};
  ring.tell(size);
  bytes.resize(static_cast<std::size_t>(size[0]));
  Sums words((bytes.size() + 7) / 8);
  if (ring.rank() == 0) std::memcpy(words.data(), bytes.data(), bytes.size());
  ring.tell(words);
  std::memcpy(bytes.data(), words.data(), bytes.size());
}

class Checkpoint {
 public:
  // `problem` is what must be equal for a resumed run, in words.
  Checkpoint(Ring& ring, const cx::CheckpointOptions& options, std::string problem)
      : ring_(ring), options_(options), problem_(std::move(problem)), folder_("surrogate", options.directory) {}

  bool due(long long step) const { return enabled() && options_.every > 0 && step % options_.every == 0; }
  bool enabled() const { return !options_.directory.empty(); }

  // Collective, once. The state that an earlier run saved, empty for none.
  // Throws Failure(kCorruptData, kNoData) on every rank when one is named that cannot be used.
  std::string resume() {
    std::string state;
    if (!enabled()) return state;
    on_rank_0(ring_, [&] {
      const std::string name = folder_.to_resume();
      if (!name.empty()) state = read(folder_.path(name));
      folder_.prepare(name);
    });
    share(ring_, state);
    return state;
  }

  // On rank 0 alone. Throws Failure(kNoData).
  void save(long long step, const std::string& state) {
    const std::string target = folder_.begin(step);
    cx::SealedWriter file(target + "/state");
    file.text("CXTRAIN1").text(problem_).text(state).close();
    folder_.publish();
  }

 private:
  std::string read(const std::string& from) const {
    cx::Reader file = cx::Reader::of_file(from + "/state");
    if (file.text() != "CXTRAIN1") throw file.corrupt("it is of another format");
    const std::string problem = file.text();
    if (problem != problem_)
      throw cx::Failure(cx::kCorruptData,
                        "checkpoint " + from + " is of another problem: " + problem + ", not " + problem_);
    return file.text();
  }

  Ring& ring_;
  const cx::CheckpointOptions& options_;
  std::string problem_;
  cx::CheckpointFolder folder_;
};

}  // namespace surrogate
