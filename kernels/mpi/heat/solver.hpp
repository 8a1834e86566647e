// The time loop: exchange halos, update the interior meanwhile, then the cells that needed the halo.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <memory>
#include <vector>

#include "common/timer.hpp"
#include "mpi/common/checkpoint.hpp"
#include "mpi/heat/block.hpp"
#include "mpi/heat/config.hpp"
#include "mpi/heat/device.hpp"
#include "mpi/heat/halo.hpp"
#include "mpi/heat/plan.hpp"

namespace heat {

class Solver {
 public:
  // `device`: where the cells are and the steps are taken, if not here.
  Solver(const Config& config, const Box& box, MPI_Comm cart, std::unique_ptr<Device> device)
      : exact(static_cast<int>(config.n), box),
        config_(config),
        cart_(cart),
        device_(std::move(device)),
        block_(box),
        halo_(cart, block_) {
    MPI_Comm_rank(cart, &rank_);
    divide();
    // Ranks agree on stopping about every 5 million cells: often enough for a grace period, too rare to cost. Steps are counted
    // through all repetitions, which may be shorter.
    double cells = cx::cells(box);
    MPI_Allreduce(MPI_IN_PLACE, &cells, 1, MPI_DOUBLE, MPI_MAX, cart);
    agree_every_ = static_cast<long long>(std::clamp(5e6 / cells, 1.0, 256.0));
  }

  // `fill`: with the start; a resumed run has its cells already.
  void reset(double alpha, bool fill) {
    courant_ = config_.courant(alpha);
    exact.set_step(courant_, 0);
    if (!fill) return;
    const Triple n = block_.size();
    for (int z = 0; z < n[2]; ++z)
      for (int y = 0; y < n[1]; ++y)
        for (int x = 0; x < n[0]; ++x) block_.at(x, y, z) = exact.at(x, y, z);
    load();
  }

  // The cells in main memory as they are now.
  const Block& fetch() {
    if (device_ && ahead_) {
      std::vector<double> values(static_cast<std::size_t>(cx::cells(whole())));
      device_->pack(whole(), values.data());
      block_.unpack(whole(), values.data());
      ahead_ = false;
    }
    return block_;
  }

  // All cells, x fastest, and what they hold.
  Box whole() const { return {Range{0, block_.size()[0]}, Range{0, block_.size()[1]}, Range{0, block_.size()[2]}}; }
  void fill(const double* values) {
    block_.unpack(whole(), values);
    load();
  }

  // One step; `step` counts from 1. Returns its seconds.
  double advance(long long step) {
    const double started = cx::now();
    // A wrong twin errs once, in the middle: the smallest mistake that verification must still see.
    const bool err = step == config_.steps / 2 + 1 && rank_ == 0;
    const bool drop = err && config_.wrong.is("halo"), forget = err && config_.wrong.is("plane");
    const double cells = device_ ? step_there(drop, forget) : step_here(drop, forget);
    const double ended = cx::now();
    work.flops += kFlopsPerCell * cells;
    work.bytes_hbm += kBytesPerCell * cells;
    step_seconds += ended - started;
    times.add(ended - started);
    return ended - started;
  }

  // Collective, and the same on all ranks.
  cx::Wishes wishes() {
    if (++unasked_ < agree_every_) return {};
    unasked_ = 0;
    return cx::agree(cart_);
  }

  Exact exact;
  cx::Work work;  // counted, this rank's
  cx::StepTimes times;
  double comm_seconds = 0, step_seconds = 0;

 private:
  // Both return the cells that they updated.
  double step_here(bool drop, bool forget) {
    const double started = cx::now();
    double cells = 0;
    halo_.start(block_, block_, work);
    const double posted = cx::now();
    const std::vector<double> plane = forget ? middle(block_) : std::vector<double>{};
    for (const Box& slab : interior_) {
      cells += block_.update(slab, courant_);
      halo_.progress();
    }
    const double updated = cx::now();
    halo_.finish(block_, block_, drop);
    const double received = cx::now();
    for (const Box& shell : shells_) cells += block_.update(shell, courant_);
    block_.swap();
    if (forget) block_.unpack(middle(), plane.data());
    comm_seconds += (posted - started) + (received - updated);
    return cells;
  }

  // The interior is under way on the GPU while faces go through main memory: their time is not all added to the step's.
  double step_there(bool drop, bool forget) {
    const std::vector<double> plane = forget ? middle(*device_) : std::vector<double>{};
    double cells = 0;
    const auto update = [&](const Box& box) {
      device_->update(box, courant_);
      cells += cx::cells(box);
    };
    for (const Box& slab : interior_) update(slab);
    const double posted = cx::now();
    halo_.start(block_, *device_, work);
    halo_.finish(block_, *device_, drop);
    const double received = cx::now();
    for (const Box& shell : shells_) update(shell);
    device_->wait();
    device_->swap();
    if (forget) device_->unpack(middle(), plane.data());
    comm_seconds += received - posted;
    ahead_ = true;
    return cells;
  }

  void load() {
    if (!device_) return;
    std::vector<double> values(static_cast<std::size_t>(cx::cells(whole())));
    block_.pack(whole(), values.data());
    device_->unpack(whole(), values.data());
    device_->wait();
    ahead_ = false;
  }

  // The plane that a wrong twin leaves at the old step.
  Box middle() const {
    Box box = whole();
    box[2] = {block_.size()[2] / 2, block_.size()[2] / 2 + 1};
    return box;
  }
  template <typename Cells>
  std::vector<double> middle(Cells& from) const {
    std::vector<double> old(static_cast<std::size_t>(cx::cells(middle())));
    from.pack(middle(), old.data());
    return old;
  }

  // The cells that touch a neighbour's halo, as up to six slabs without overlap, and the rest.
  void divide() {
    Box rest = whole();
    for (int axis = 2; axis >= 0; --axis) {
      for (const bool high : {false, true}) {
        if (!halo_.has(axis, high) || rest[axis].size() == 0) continue;  // one cell thick: the low slab took it
        Box slab = rest;
        (high ? slab[axis].begin : slab[axis].end) = high ? rest[axis].end - 1 : rest[axis].begin + 1;
        (high ? rest[axis].end : rest[axis].begin) = high ? slab[axis].begin : slab[axis].end;
        shells_.push_back(slab);
      }
    }
    // In parts: most MPI libraries move large messages only while the program is inside one of their calls. Cut between rows, as
    // updates are anyway: a cut between layers would read those beside it twice.
    const int whole = std::max(rest[1].size(), 1);
    const int rows = halo_.empty() || device_ ? whole : std::min(block_.tile_rows(), (whole + 3) / 4);
    for (int y = rest[1].begin; y < rest[1].end; y += rows) {
      Box box = rest;
      box[1] = {y, std::min(y + rows, rest[1].end)};
      interior_.push_back(box);
    }
  }

  const Config& config_;
  MPI_Comm cart_;
  int rank_ = 0;
  std::unique_ptr<Device> device_;
  bool ahead_ = false;  // the device has cells that main memory has not
  Block block_;
  Halo halo_;
  std::vector<Box> interior_, shells_;
  double courant_ = 0;
  long long agree_every_ = 1, unasked_ = 0;
};

}  // namespace heat
