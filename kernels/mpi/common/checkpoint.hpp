// Checkpoints of distributed fields: every rank writes its part beside the others', rank 0 the state that all share. A run
// with another number of ranks can resume: each rank picks its cells out of the parts that hold them.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "common/bytes.hpp"
#include "common/checkpoints.hpp"
#include "common/sealed.hpp"
#include "common/signals.hpp"
#include "mpi/common/ranges.hpp"
#include "mpi/common/world.hpp"

namespace cx {

class Checkpoint {
 public:
  // Collective. `problem` is what must be equal for a resumed run, in words. `box` are this rank's cells of each of `fields`.
  Checkpoint(const World& world, const std::string& kernel, const CheckpointOptions& options, const std::string& problem,
             const Box& box, int fields)
      : world_(world), options_(options), problem_(problem), box_(box), fields_(fields), folder_(kernel, options.directory) {}

  // Bytes that resuming takes on this rank beyond the fields; saving takes no more, where they are packed one at a time. `shared`
  // are those of the state that all share: the file, and what comes of it.
  static double bytes(const CheckpointOptions& options, const Box& box, int fields, double shared = 0) {
    return options.directory.empty() ? 0 : 8.0 * cells(box) * fields + 2 * shared + kSealedBytes;
  }

  bool enabled() const { return !options_.directory.empty(); }
  bool due(long long step) const { return enabled() && options_.every > 0 && step % options_.every == 0; }

  // Collective, once. Returns whether there was a checkpoint; then `shared` holds the state and `field(i)` the cells.
  // Throws Failure(kCorruptData, kNoData) on every rank when one is named that cannot be used, Failure(kUsage) where ranks would
  // save after different steps.
  bool resume() {
    check_alike();
    if (!enabled()) return false;
    // Rank 0 decides for all: LATEST may be another for ranks that read it a moment later, or on another node.
    std::string name;
    on_rank_0(world_, [&] { name = folder_.to_resume(); });
    share(name);
    if (!name.empty()) together([&] { read(name); });
    on_rank_0(world_, [&] { folder_.prepare(name); });
    return !name.empty();
  }

  Reader shared() { return Reader(std::move(shared_), "the state in " + folder_.path("")); }  // once
  const double* field(int index) const {
    return values_.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(cells(box_));
  }
  void forget() { values_ = {}; }  // once restored: it is as large as the fields

  // Collective. `pack(i)` must return this rank's cells of field i, x fastest. Rank 0's `shared` is what all need.
  template <typename Pack>
  void save(long long step, const std::string& shared, Pack pack) {
    std::string target;
    on_rank_0(world_, [&] { target = folder_.begin(step); });
    share(target);
    together([&] { write_part(target, pack); });
    std::vector<Box> boxes(static_cast<std::size_t>(world_.ranks));
    MPI_Gather(&box_, sizeof box_, MPI_BYTE, boxes.data(), sizeof box_, MPI_BYTE, 0, MPI_COMM_WORLD);
    on_rank_0(world_, [&] {
      SealedWriter state(target + "/state");
      state.text("CXSTATE1").text(problem_).put(static_cast<std::int32_t>(fields_)).put(world_.ranks);
      for (const Box& box : boxes) state.put(box);
      state.text(shared).close();
      folder_.publish();
    });
  }

 private:
  // Collective: some would wait for ever for the others.
  void check_alike() const {
    double every[2] = {enabled() ? static_cast<double>(options_.every) : -1, 0};
    every[1] = -every[0];
    MPI_Allreduce(MPI_IN_PLACE, every, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    if (every[0] != -every[1])
      throw Failure(kUsage, "--checkpoint (or CHECKPOINT_DIR) and --checkpoint-every are not the same on all ranks");
  }

  // Collective: all ranks get rank 0's text.
  static void share(std::string& text) {
    int length = static_cast<int>(text.size());
    MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
    text.resize(static_cast<std::size_t>(length));
    MPI_Bcast(text.data(), length, MPI_CHAR, 0, MPI_COMM_WORLD);
  }

  template <typename Pack>
  void write_part(const std::string& target, Pack pack) {
    SealedWriter part(target + "/part-" + std::to_string(world_.rank));
    part.put(box_);
    for (int index = 0; index < fields_; ++index) {
      const auto& values = pack(index);
      part.block(values.data(), values.size() * sizeof(double));
    }
    part.close();
  }

  void read(const std::string& name) {
    const std::string from = folder_.path(name);
    Reader state = Reader::of_file(from + "/state");
    if (state.text() != "CXSTATE1") throw state.corrupt("it is of another format");
    const std::string problem = state.text();
    if (problem != problem_)
      throw Failure(kCorruptData, "checkpoint " + from + " is of another problem: " + problem + ", not " + problem_);
    const int fields = state.get<std::int32_t>(), parts = state.get<int>();
    if (fields != fields_ || parts < 1) throw state.corrupt("it has an impossible header");
    values_.assign(static_cast<std::size_t>(cells(box_)) * static_cast<std::size_t>(fields_), 0.0);
    double found = 0;
    for (int part = 0; part < parts; ++part) {
      const Box theirs = state.get<Box>(), common = intersection(theirs);
      if (cells(common) == 0) continue;
      found += cells(common);
      read_part(from + "/part-" + std::to_string(part), theirs, common);
    }
    if (found != cells(box_)) throw state.corrupt("its parts do not cover the grid");
    shared_ = state.text();
  }

  Box intersection(const Box& other) const {
    Box box = box_;
    for (int axis = 0; axis < 3; ++axis) {
      box[axis].begin = std::max(box[axis].begin, other[axis].begin);
      box[axis].end = std::max(box[axis].begin, std::min(box[axis].end, other[axis].end));
    }
    return box;
  }

  // The cells of `common` out of a part, which may be of the whole grid: no more of it is held.
  void read_part(const std::string& path, const Box& theirs, const Box& common) {
    SealedReader part(path, sizeof theirs + static_cast<std::uint64_t>(8 * cells(theirs)) * static_cast<std::uint64_t>(fields_));
    const Box written = part.get<Box>();
    for (int axis = 0; axis < 3; ++axis)
      if (written[axis].begin != theirs[axis].begin || written[axis].end != theirs[axis].end)
        throw part.corrupt("it is another part");
    const auto within = [&](int axis, int i) { return common[axis].begin <= i && i < common[axis].end; };
    const auto row = [](int length) { return 8 * static_cast<std::size_t>(length); };
    for (int index = 0; index < fields_; ++index) {
      double* to = values_.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(cells(box_));
      for (int z = theirs[2].begin; z < theirs[2].end; ++z)
        for (int y = theirs[1].begin; y < theirs[1].end; ++y) {
          const bool ours = within(2, z) && within(1, y);
          const Range x = ours ? common[0] : Range{theirs[0].end, theirs[0].end};
          part.take(nullptr, row(x.begin - theirs[0].begin));
          part.take(ours ? to + offset(box_, x.begin, y, z) : nullptr, row(x.size()));
          part.take(nullptr, row(theirs[0].end - x.end));
        }
    }
    part.finish();
  }

  // Of a global cell within a box, x fastest.
  static std::size_t offset(const Box& box, int x, int y, int z) {
    const auto at = [&](int axis, int i) { return static_cast<std::size_t>(i - box[axis].begin); };
    const auto size = [&](int axis) { return static_cast<std::size_t>(box[axis].size()); };
    return (at(2, z) * size(1) + at(1, y)) * size(0) + at(0, x);
  }

  const World& world_;
  const CheckpointOptions& options_;
  std::string problem_;
  Box box_;
  int fields_;
  CheckpointFolder folder_;
  std::string shared_;
  std::vector<double> values_;
};

// What the ranks agreed to do after a step.
struct Wishes {
  bool stop = false, save = false;
};

// Collective: what any rank was asked by a signal.
inline Wishes agree(MPI_Comm comm) {
  int wishes = (stop_asked() ? 1 : 0) | (take_save_asked() ? 2 : 0);
  MPI_Allreduce(MPI_IN_PLACE, &wishes, 1, MPI_INT, MPI_BOR, comm);
  return {(wishes & 1) != 0, (wishes & 2) != 0};
}

}  // namespace cx
