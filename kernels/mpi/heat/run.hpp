// One run from the decomposition to the published result.
#pragma once
#include <mpi.h>

#include <memory>
#include <string>

#include "common/result.hpp"
#include "mpi/heat/snapshot.hpp"
#include "mpi/heat/verify.hpp"
#include "mpi/heat/world.hpp"

namespace heat {

class Run {
 public:
  Run(const Config& config, double started)
      : config_(config), started_(started), world_(survey()), dims_(decompose(config, world_.ranks)) {
    if (config.wrong == "halo" && world_.ranks < 2) usage_error("--break halo needs at least 2 ranks");
    box_ = box_of(static_cast<int>(config.n), dims_, world_.rank);
    check_memory(config, world_, box_);
    if (!config.output.empty()) {
      on_rank_0(world_, [&] { cx::make_directory(config.output); });
      recorder_ = std::make_unique<Recorder>(config, dims_, MPI_COMM_WORLD);
    }
    const int periods[3] = {0, 0, 0};
    MPI_Comm cart;
    MPI_Cart_create(MPI_COMM_WORLD, 3, dims_.data(), periods, 0, &cart);
    solver_ = std::make_unique<Solver>(config, box_, cart);
  }

  cx::Exit all() {
    setup_seconds_ = cx::now() - started_;
    for (long long repetition = 0; repetition < config_.repeat; ++repetition) {
      if (recorder_) recorder_->clear();
      for (const double alpha : config_.alphas) {
        solve(alpha);
        const Verification done = verify(*solver_, config_, box_, alpha, MPI_COMM_WORLD);
        if (!(done.check.value <= worst_.value)) worst_ = done.check;
        hash_ += done.hash;
      }
    }
    // A wrong solution is no data set: nothing is written unless it verified.
    if (recorder_ && worst_.ok()) {
      const double writing = cx::now();
      on_rank_0(world_, [&] { recorder_->write(); });
      io_seconds_ += cx::now() - writing;
    }
    return report();
  }

 private:
  void solve(double alpha) {
    solver_->reset(alpha);
    MPI_Barrier(MPI_COMM_WORLD);  // the clock of a rank must not count another's setup
    for (long long step = 1; step <= config_.steps; ++step) {
      solver_->advance(step);
      if (recorder_ && recorder_->due(step)) {
        const double recording = cx::now();
        recorder_->record(solver_->block, alpha, step, solver_->work);
        io_seconds_ += cx::now() - recording;
      }
      if (solver_->stopped(step))
        throw cx::Failure(cx::kStopped, "stopped by SIGTERM after step " + std::to_string(step) + " of " +
                                            std::to_string(config_.steps));
    }
  }

  cx::Exit report() {
    double work[4] = {solver_->work.flops, solver_->work.bytes_hbm, solver_->work.bytes_net, solver_->work.msgs};
    MPI_Allreduce(MPI_IN_PLACE, work, 4, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    double seconds[2] = {solver_->step_seconds, solver_->comm_seconds};
    MPI_Allreduce(MPI_IN_PLACE, seconds, 2, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    const bool verified = worst_.ok();
    if (world_.rank == 0) publish(result(work, seconds));
    return verified ? cx::kOk : cx::kUnverified;
  }

  cx::Result result(const double work[4], const double seconds[2]) const {
    cx::Result result;
    result.kernel = "heat";
    result.ranks = world_.ranks;
    result.nodes = world_.nodes;
    result.ranks_per_node = world_.ranks_per_node;
    result.problem = [this](cx::Json& json) {
      json.integer("n", config_.n)
          .integer("iters", config_.steps)
          .integer("repeat", config_.repeat)
          .string("dtype", "fp64");
      json.integer("runs", static_cast<long long>(config_.alphas.size())).null("seed").array("dims");
      for (const int parts : dims_) json.integer(nullptr, parts);
      json.end();
    };
    result.seconds = {cx::now() - started_,    setup_seconds_, seconds[0],
                      seconds[0] - seconds[1], seconds[1],     recorder_ ? io_seconds_ : cx::kUnknown};
    result.steps = &solver_->times;
    result.work = {work[0], work[1], work[2], work[3]};
    result.fom = {"cell updates", "cells/s", work[0] / kFlopsPerCell / seconds[0]};
    result.checks = {worst_};
    cx::Checksum hash;
    hash.add(hash_.data(), hash_.size());
    result.hash = cx::hex(hash.value());
    return result;
  }

  const Config& config_;
  double started_, setup_seconds_ = 0, io_seconds_ = 0;
  World world_;
  Triple dims_;
  Box box_{};
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<Solver> solver_;
  cx::Check worst_{"", -1, 0};
  std::string hash_;
};

}  // namespace heat
