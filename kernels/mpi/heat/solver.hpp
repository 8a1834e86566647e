// The time loop: exchange halos, update the interior meanwhile, then the cells that needed the halo.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <vector>

#include "common/timer.hpp"
#include "mpi/common/checkpoint.hpp"
#include "mpi/heat/block.hpp"
#include "mpi/heat/config.hpp"
#include "mpi/heat/halo.hpp"
#include "mpi/heat/plan.hpp"

namespace heat {

class Solver {
 public:
  Solver(const Config& config, const Box& box, MPI_Comm cart)
      : block(box), exact(static_cast<int>(config.n), box), config_(config), cart_(cart), halo_(cart, block) {
    MPI_Comm_rank(cart, &rank_);
    divide();
    // Ranks agree on stopping about every 5 million cells: often enough for a grace period, too rare to cost.
    double cells = cx::cells(box);
    MPI_Allreduce(MPI_IN_PLACE, &cells, 1, MPI_DOUBLE, MPI_MAX, cart);
    agree_every_ = static_cast<long long>(std::clamp(5e6 / cells, 1.0, 256.0));
  }

  // `fill`: with the start; a resumed run has its cells already.
  void reset(double alpha, bool fill) {
    courant_ = config_.courant(alpha);
    exact.set_step(courant_, 0);
    if (!fill) return;
    const Triple n = block.size();
    for (int z = 0; z < n[2]; ++z)
      for (int y = 0; y < n[1]; ++y)
        for (int x = 0; x < n[0]; ++x) block.at(x, y, z) = exact.at(x, y, z);
  }

  // One step; `step` counts from 1. Returns its seconds.
  double advance(long long step) {
    const double started = cx::now();
    // A wrong twin errs once, in the middle: the smallest mistake that verification must still see.
    const bool err = step == config_.steps / 2 + 1 && rank_ == 0;
    halo_.start(block, work);
    const double posted = cx::now();
    double cells = 0;
    for (const Box& slab : interior_) {
      cells += block.update(slab, courant_);
      halo_.progress();
    }
    const double updated = cx::now();
    halo_.finish(block, err && config_.wrong.is("halo"));
    const double received = cx::now();
    for (const Box& shell : shells_) cells += block.update(shell, courant_);
    if (err && config_.wrong.is("plane")) forget_plane();
    block.swap();
    const double ended = cx::now();
    work.flops += kFlopsPerCell * cells;
    work.bytes_hbm += kBytesPerCell * cells;
    comm_seconds += (posted - started) + (received - updated);
    step_seconds += ended - started;
    times.add(ended - started);
    return ended - started;
  }

  // Collective, and the same on all ranks.
  cx::Wishes wishes(long long step) const { return step % agree_every_ ? cx::Wishes{} : cx::agree(cart_); }

  Block block;
  Exact exact;
  cx::Work work;  // counted, this rank's
  cx::StepTimes times;
  double comm_seconds = 0, step_seconds = 0;

 private:
  // The cells that touch a neighbour's halo, as up to six slabs without overlap, and the rest.
  void divide() {
    const Triple n = block.size();
    Box rest = {Range{0, n[0]}, Range{0, n[1]}, Range{0, n[2]}};
    for (int axis = 2; axis >= 0; --axis) {
      for (const bool high : {false, true}) {
        if (!halo_.has(axis, high) || rest[axis].size() == 0) continue;  // one cell thick: the low slab took it
        Box slab = rest;
        (high ? slab[axis].begin : slab[axis].end) = high ? rest[axis].end - 1 : rest[axis].begin + 1;
        (high ? rest[axis].end : rest[axis].begin) = high ? slab[axis].begin : slab[axis].end;
        shells_.push_back(slab);
      }
    }
    // In slabs: most MPI libraries move large messages only while the program is inside one of their calls.
    const int slabs = halo_.empty() ? 1 : std::clamp(rest[2].size() / 4, 1, 16);
    for (int slab = 0; slab < slabs; ++slab) {
      Box box = rest;
      const Range layers = cx::part(rest[2].size(), slabs, slab);
      box[2] = {rest[2].begin + layers.begin, rest[2].begin + layers.end};
      interior_.push_back(box);
    }
  }

  void forget_plane() {
    const Triple n = block.size();
    const Box plane = {Range{0, n[0]}, Range{0, n[1]}, Range{n[2] / 2, n[2] / 2 + 1}};
    std::vector<double> old(static_cast<std::size_t>(n[0]) * static_cast<std::size_t>(n[1]));
    block.pack(plane, old.data());
    block.swap();
    block.unpack(plane, old.data());
    block.swap();
  }

  const Config& config_;
  MPI_Comm cart_;
  int rank_ = 0;
  Halo halo_;
  std::vector<Box> interior_, shells_;
  double courant_ = 0;
  long long agree_every_ = 1;
};

}  // namespace heat
