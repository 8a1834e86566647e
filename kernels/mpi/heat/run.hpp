// One run from the decomposition to the published result.
#pragma once
#include <mpi.h>

#include <memory>
#include <string>

#include "common/result.hpp"
#include "mpi/common/accelerator.hpp"
#include "mpi/common/checkpoint.hpp"
#include "mpi/common/roofline.hpp"
#include "mpi/common/world.hpp"
#include "mpi/heat/snapshot.hpp"
#include "mpi/heat/state.hpp"
#include "mpi/heat/verify.hpp"

namespace heat {

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        started_(started),
        world_(world),
        dims_(decompose(config, world_.ranks)),
        box_(box_of(static_cast<int>(config.n), dims_, world_.rank)),
        accelerator_(config.backend, world_, "heat"),
        checkpoint_(world_, "heat", config.checkpoints, problem_of(config), box_, 1) {
    if (config.wrong.is("halo") && world_.ranks < 2) usage_error("--break halo needs at least 2 ranks");
    cx::check_memory(world_, need());
    accelerator_.check_memory(device_bytes(box_));
    if (!config.output.empty()) {
      cx::on_rank_0(world_, [&] { cx::make_directory(config.output); });
      recorder_ = std::make_unique<Recorder>(config, dims_, MPI_COMM_WORLD);
    }
    if (config.roofline) roofline_ = std::make_unique<cx::Roofline>(kBytesPerCell * cx::cells(box_));
    const int periods[3] = {0, 0, 0};
    MPI_Comm cart;
    MPI_Cart_create(MPI_COMM_WORLD, 3, dims_.data(), periods, 0, &cart);
    std::unique_ptr<Device> device;
    if constexpr (cx::gpu::kBuilt)
      if (accelerator_.on()) device = make_device({box_[0].size(), box_[1].size(), box_[2].size()});
    solver_ = std::make_unique<Solver>(config, box_, cart, std::move(device));
  }

  cx::Exit all() {
    const bool resumed = resume();
    setup_seconds_ = cx::now() - started_;
    bool restored = resumed;
    for (; state_.repetition < config_.repeat; ++state_.repetition) {
      for (; state_.alpha < config_.alphas.size(); ++state_.alpha) {
        const double alpha = config_.alphas[state_.alpha];
        solver_->reset(alpha, !restored);
        restored = false;
        solve(alpha);
        const Verification done = verify(*solver_, config_, box_, alpha, MPI_COMM_WORLD);
        if (!(done.check.value <= state_.worst)) state_.worst = done.check.value;
        tolerance_ = done.check.tol;
        name_ = done.check.name;
        state_.hash += done.hash;
        state_.step = 0;
      }
      state_.alpha = 0;
      if (recorder_ && state_.repetition + 1 < config_.repeat) recorder_->clear();
    }
    // A wrong solution is no data set: nothing is written unless it verified.
    if (recorder_ && state_.worst <= tolerance_) {
      const double writing = cx::now();
      cx::on_rank_0(world_, [&] { recorder_->write(); });
      io_seconds_ += cx::now() - writing;
    }
    return report(resumed);
  }

 private:
  double need() const {
    const double recorded = config_.output.empty() ? 0 : Recorder::bytes(config_) / 2;
    double bytes = Block::bytes(box_) + cx::Checkpoint::bytes(config_.checkpoints, box_, 1, recorded);
    if (accelerator_.on()) bytes += 8 * cx::cells(box_);  // on their way to the GPU, or from it
    if (config_.roofline) bytes += cx::Roofline::memory(kBytesPerCell * cx::cells(box_));
    if (world_.rank == 0 && !config_.output.empty()) bytes += Recorder::bytes(config_);
    return bytes;
  }

  bool resume() {
    if (!checkpoint_.resume()) return false;
    cx::together([&] { state_.read(checkpoint_.shared(), recorder_.get(), world_.rank); });
    solver_->fill(checkpoint_.field(0));
    checkpoint_.forget();
    if (world_.rank == 0) solver_->work = state_.work;
    counted_ = state_.work;
    if (world_.rank == 0)
      std::printf("heat: resumed after step %lld of %lld\n", state_.step, config_.steps), std::fflush(stdout);
    return true;
  }

  void save() {
    const double saving = cx::now();
    state_.work = cx::sum(solver_->work);
    const Block& block = solver_->fetch();
    std::vector<double> values(static_cast<std::size_t>(cx::cells(box_)));
    block.pack(solver_->whole(), values.data());
    checkpoint_.save(state_.step, state_.bytes(recorder_.get(), world_.rank),
                     [&](int) -> const std::vector<double>& { return values; });
    io_seconds_ += cx::now() - saving;
    saved_ = true;
  }

  void solve(double alpha) {
    if (!measuring_) accelerator_.begin();
    measuring_ = true;
    MPI_Barrier(MPI_COMM_WORLD);  // the clock of a rank must not count another's setup
    while (state_.step < config_.steps) {
      const long long step = ++state_.step;
      const double took = solver_->advance(step);
      accelerator_.sample();
      if (recorder_ && recorder_->due(step)) {
        const double recording = cx::now();
        recorder_->record(solver_->fetch(), alpha, step, solver_->work);
        io_seconds_ += cx::now() - recording;
      }
      if (roofline_ && step % kSampleEvery == 0) roofline_->sample(took, kBytesPerCell * cx::cells(box_));
      const cx::Wishes wishes = solver_->wishes();
      if (checkpoint_.enabled() && (wishes.save || wishes.stop || checkpoint_.due(step))) save();
      if (wishes.stop)
        throw cx::Failure(cx::kStopped, "stopped by SIGTERM after step " + std::to_string(step) + " of " +
                                            std::to_string(config_.steps));
    }
    if (state_.repetition + 1 == config_.repeat && state_.alpha + 1 == config_.alphas.size()) accelerator_.end();
  }

  cx::Exit report(bool resumed) {
    const cx::Work work = cx::sum(solver_->work);
    const double step_seconds = cx::slowest(solver_->step_seconds), comm_seconds = cx::slowest(solver_->comm_seconds);
    cx::Result result = world_.result("heat");
    result.problem = [this](cx::Json& json) { write_problem(json); };
    result.seconds = {cx::now() - started_,        setup_seconds_, step_seconds,
                      step_seconds - comm_seconds, comm_seconds,   recorder_ || saved_ ? io_seconds_ : cx::kUnknown};
    result.steps = &solver_->times;
    result.work = work;
    // Of this attempt alone: what an earlier one computed before its checkpoint took time that this one does not know.
    result.fom = {"cell updates", "cells/s", (work.flops - counted_.flops) / kFlopsPerCell / step_seconds};
    accelerator_.describe(result);
    if (roofline_) result.figures = roofline_->figures();
    result.checks = {{name_, state_.worst, tolerance_}};
    if (resumed) result.warnings.push_back("resumed from a checkpoint: times are of the last attempt alone");
    cx::Checksum hash;
    hash.add(state_.hash.data(), state_.hash.size());
    result.hash = cx::hex(hash.value());
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  void write_problem(cx::Json& json) const {
    json.integer("n", config_.n).integer("iters", config_.steps).integer("repeat", config_.repeat);
    json.string("dtype", "fp64").integer("runs", static_cast<long long>(config_.alphas.size())).null("seed");
    json.array("dims");
    for (const int parts : dims_) json.integer(nullptr, parts);
    json.end();
  }

  static constexpr long long kSampleEvery = 4;

  const Config& config_;
  double started_, setup_seconds_ = 0, io_seconds_ = 0;
  const cx::World& world_;
  Triple dims_;
  Box box_;
  cx::Accelerator accelerator_;
  cx::Checkpoint checkpoint_;
  std::unique_ptr<Recorder> recorder_;
  std::unique_ptr<cx::Roofline> roofline_;
  std::unique_ptr<Solver> solver_;
  State state_;
  cx::Work counted_;  // by earlier attempts
  double tolerance_ = 0;
  std::string name_;
  bool saved_ = false, measuring_ = false;
};

}  // namespace heat
