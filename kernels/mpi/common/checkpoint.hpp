// Checkpoints of distributed fields: every rank writes its part beside the others', rank 0 the state that all share. A run
// with another number of ranks can resume: each rank picks its cells out of the parts that hold them.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "common/checkpoints.hpp"
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

  // Bytes that saving or resuming takes on this rank beyond the fields.
  static double bytes(const CheckpointOptions& options, const Box& box, int fields) {
    return options.directory.empty() ? 0 : 2 * 8.0 * cells(box) * fields;
  }

  bool enabled() const { return !options_.directory.empty(); }
  bool due(long long step) const { return enabled() && options_.every > 0 && step % options_.every == 0; }

  // Collective, once. Returns whether there was a checkpoint; then `shared` holds the state and `field(i)` the cells.
  // Throws Failure(kCorruptData, kNoData) on every rank when one is named that cannot be used.
  bool resume() {
    if (!enabled()) return false;
    std::string name;
    together([&] {
      name = folder_.to_resume();
      if (!name.empty()) read(name);
    });
    on_rank_0(world_, [&] { folder_.prepare(name); });
    return !name.empty();
  }

  Reader shared() const { return Reader(shared_, "the state in " + folder_.path("")); }
  const double* field(int index) const {
    return values_.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(cells(box_));
  }
  void forget() { values_ = {}, shared_.clear(); }  // once restored: it is as large as the fields

  // Collective. `pack(i)` must return this rank's cells of field i, x fastest. Rank 0's `shared` is what all need.
  template <typename Pack>
  void save(long long step, const std::string& shared, Pack pack) {
    std::string target;
    on_rank_0(world_, [&] { target = folder_.begin(step); });
    int length = static_cast<int>(target.size());
    MPI_Bcast(&length, 1, MPI_INT, 0, MPI_COMM_WORLD);
    target.resize(static_cast<std::size_t>(length));
    MPI_Bcast(target.data(), length, MPI_CHAR, 0, MPI_COMM_WORLD);
    together([&] { write_part(target, pack); });
    std::vector<Box> boxes(static_cast<std::size_t>(world_.ranks));
    MPI_Gather(&box_, sizeof box_, MPI_BYTE, boxes.data(), sizeof box_, MPI_BYTE, 0, MPI_COMM_WORLD);
    on_rank_0(world_, [&] {
      Writer state;
      state.text("CXSTATE1").text(problem_).put(static_cast<std::int32_t>(fields_)).put(world_.ranks);
      for (const Box& box : boxes) state.put(box);
      state.text(shared);
      write_file(target + "/state", state.sealed());
      folder_.publish();
    });
  }

 private:
  template <typename Pack>
  void write_part(const std::string& target, Pack pack) {
    Writer part;
    part.put(box_);
    for (int index = 0; index < fields_; ++index) {
      const auto& values = pack(index);
      part.block(values.data(), values.size() * sizeof(double));
    }
    write_file(target + "/part-" + std::to_string(world_.rank), part.sealed());
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
      read_part(Reader::of_file(from + "/part-" + std::to_string(part)), theirs, common);
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

  void read_part(Reader part, const Box& theirs, const Box& common) {
    const Box written = part.get<Box>();
    for (int axis = 0; axis < 3; ++axis)
      if (written[axis].begin != theirs[axis].begin || written[axis].end != theirs[axis].end)
        throw part.corrupt("it is another part");
    const auto bytes = static_cast<std::uint64_t>(8 * cells(theirs));
    for (int index = 0; index < fields_; ++index) {
      const char* from = part.take(bytes);
      double* to = values_.data() + static_cast<std::size_t>(index) * static_cast<std::size_t>(cells(box_));
      for (int z = common[2].begin; z < common[2].end; ++z)
        for (int y = common[1].begin; y < common[1].end; ++y)
          std::memcpy(to + offset(box_, common[0].begin, y, z), from + 8 * offset(theirs, common[0].begin, y, z),
                      8 * static_cast<std::size_t>(common[0].size()));
    }
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
