// One run from the learning to the published result.
#pragma once
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "mpi/cg/learned/payoff.hpp"
#include "mpi/cg/state.hpp"
#include "mpi/common/accelerator.hpp"
#include "mpi/common/roofline.hpp"

namespace cg {

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        world_(world),
        started_(started),
        slab_(static_cast<int>(config.n), config.unit(), world.ranks, world.rank),
        box_({cx::Range{0, slab_.n}, cx::Range{0, slab_.n}, slab_.planes}),
        accelerator_(config.backend, world, "cg"),
        checkpoint_(world, "cg", config.checkpoints, problem_of(config), box_, kFields) {
    check_memory();
    if (learns(config)) learned_ = learn(config, world);
    if constexpr (cx::gpu::kBuilt)
      if (accelerator_.on()) device_ = make_device();
    solver_ = std::make_unique<Solver>(config, world, slab_, learned_, device_.get());
    if (config.roofline) roofline_ = make_roofline();
  }

  cx::Exit all() {
    uncounted([&] { checks_ = symmetry(*solver_, slab_, config_.wrong.is("operator")); });
    if (world_.rank == 0) solver_->work.flops += learning_flops(config_);
    begin();
    if (checkpoint_.resume()) restore();
    setup_seconds_ = cx::now() - started_ - (resumed_ ? 0 : learned_.seconds + guess_seconds_);
    accelerator_.begin();
    for (;;) {
      iterate();
      if (repetition_ == 0) first_ = solver_->rr;
      if (solver_->rr != first_) ++strays_;
      if (++repetition_ == config_.repeat) break;
      begin();
    }
    accelerator_.end();
    return report();
  }

 private:
  // What an iteration moves at least, for the triad beside it.
  double sample_bytes() const { return 80 * slab_.cells(); }

  void check_memory() const {
    const double fields = Solver::bytes(config_, slab_), saved = cx::Checkpoint::bytes(config_.checkpoints, box_, kFields);
    const auto triad = [&](auto... cache) { return config_.roofline ? cx::Roofline::memory(sample_bytes(), cache...) : 0; };
    const double staged = 6 * 8.0 * static_cast<double>(slab_.layout.message());
    cx::check_memory(world_, saved + (accelerator_.on() ? staged : fields + triad()));
    accelerator_.check_memory(Solver::device_bytes(config_, slab_) + triad(accelerator_.facts().cache));
  }

  std::unique_ptr<cx::Roofline> make_roofline() const {
    if (!device_) return std::make_unique<cx::Roofline>(sample_bytes());
    return std::make_unique<cx::Roofline>(sample_bytes(), accelerator_.facts().cache,
                                          [this](std::size_t count) { device_->triad(count); });
  }

  // Work and time of what is no part of a solution.
  template <typename Action>
  void uncounted(Action action) {
    const cx::Work work = solver_->work;
    const double comm = solver_->comm_seconds;
    action();
    solver_->work = work;
    solver_->comm_seconds = comm;
  }

  // The right-hand side A (wanted) in r, and x = 0. Returns the energy of that first error.
  double pose() {
    solver_->passes.fill(solver_->p, wanted(config_));
    const double energy = apply(*solver_, solver_->p, solver_->r);
    solver_->passes.fill(solver_->x, {});
    return energy;
  }

  // A solution, up to its first direction.
  void begin() {
    uncounted([&] { start_ = pose(); });
    if (config_.guesses()) {
      const double zero = start_, guessing = cx::now();
      solver_->guess();
      guess_seconds_ += cx::now() - guessing;
      uncounted([&] { start_ = error_energy(*solver_); });
      guess_error_ = std::sqrt(start_ / zero);
    }
    solver_->begin(config_.guesses());
  }

  void iterate() {
    while (!solver_->done()) {
      const double moved = solver_->work.bytes_hbm, took = solver_->advance();
      accelerator_.sample();
      if (roofline_ && solver_->iteration % 2 == 0) roofline_->sample(took, solver_->work.bytes_hbm - moved);
      const cx::Wishes wishes = cx::agree(MPI_COMM_WORLD);
      if (checkpoint_.enabled() && (wishes.save || wishes.stop || checkpoint_.due(solver_->iteration))) save();
      if (wishes.stop)
        throw cx::Failure(cx::kStopped, "stopped by SIGTERM after iteration " + std::to_string(solver_->iteration));
      if (!std::isfinite(solver_->rr))
        throw cx::Failure(cx::kDiverged, "diverged in iteration " + std::to_string(solver_->iteration));
    }
  }

  void save() {
    const double saving = cx::now();
    cg::save(checkpoint_, *solver_, slab_,
             {repetition_, solver_->iteration, solver_->rz, solver_->rr, solver_->right(), first_, strays_,
              cx::sum(solver_->work)});
    io_seconds_ += cx::now() - saving;
  }

  void restore() {
    const State state = cg::restore(checkpoint_, *solver_, slab_);
    repetition_ = state.repetition;
    first_ = state.first;
    strays_ = state.strays;
    solver_->restore(state.iteration, state.rz, state.rr, state.right);
    solver_->work = world_.rank == 0 ? state.work : cx::Work{};
    counted_ = state.work;
    resumed_ = true;
    if (world_.rank == 0)
      std::printf("cg: resumed after iteration %lld of %lld\n", solver_->iteration, config_.iterations), std::fflush(stdout);
  }

  cx::Exit report() {
    const cx::Work work = cx::sum(solver_->work);
    const double solving = cx::slowest(solver_->step_seconds), comm = cx::slowest(solver_->comm_seconds);
    // What is learned counts as work of the solution, and so does its time.
    const double learning = resumed_ ? 0 : cx::slowest(learned_.seconds), guessing = resumed_ ? 0 : cx::slowest(guess_seconds_);
    const double seconds = solving + learning + guessing;
    cx::Result result = world_.result("cg");
    if (config_.repeat > 1) checks_.push_back({"repetitions with another residual than the first", strays_, 0});
    for (const cx::Check& check : after(*solver_, slab_, start_)) checks_.push_back(check);
    if (config_.tolerance > 0) checks_.push_back({"residual relative to the right-hand side", solver_->residual(), config_.tolerance});
    // The error against theory is the one to show where all hold.
    std::swap(checks_.front(), checks_.at(checks_.size() - (config_.tolerance > 0 ? 2 : 1)));
    result.checks = checks_;
    result.hash = hash_of(*solver_, slab_);
    result.work = work;
    const long long iterations = solver_->iteration;
    result.problem = [this, iterations](cx::Json& json) { write_problem(json, iterations); };
    result.seconds = {cx::now() - started_, setup_seconds_, seconds, seconds - comm, comm, io_seconds_ > 0 ? io_seconds_ : cx::kUnknown};
    const cx::StepTimes times = solver_->times;
    result.steps = &times;
    result.fom = {"solver speed", "GFLOP/s", (work.flops - counted_.flops) / seconds / 1e9};
    accelerator_.describe(result);
    if (roofline_) result.figures = roofline_->figures();
    result.figures.push_back({"iterations", static_cast<double>(iterations), "1"});
    result.figures.push_back({"residual", solver_->residual(), "of the right-hand side"});
    const auto repeat = static_cast<double>(config_.repeat);
    if (learns(config_)) compare(result, resumed_ ? Payoff{} : Payoff{learning, guessing / repeat, solving / repeat, guess_error_});
    if (resumed_) result.warnings.push_back("resumed from a checkpoint: times are of the last attempt alone");
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  void write_problem(cx::Json& json, long long iterations) const {
    json.integer("n", config_.n).integer("iters", iterations).integer("repeat", config_.repeat);
    json.string("dtype", "fp64").null("seed");
    json.string("preconditioner", config_.preconditioner).string("guess", config_.guess);
  }

  // Solves the same without what was learned, to the same tolerance, and says which was faster. Unknown without a tolerance
  // and after a resumption.
  void compare(cx::Result& result, Payoff payoff) {
    if (config_.tolerance > 0 && !resumed_ && solver_->residual() <= config_.tolerance) {
      solver_->forget();
      pose();
      solver_->step_seconds = 0;
      for (solver_->begin(false); !solver_->done(); solver_->advance())
        if (cx::agree(MPI_COMM_WORLD).stop)
          throw cx::Failure(cx::kStopped, "stopped by SIGTERM while solving without what was learned, to compare");
      payoff.other_seconds = cx::slowest(solver_->step_seconds);
      if (solver_->residual() <= config_.tolerance) payoff.other_iterations = static_cast<double>(solver_->iteration);
    }
    payoff.report(result);
  }

  const Config& config_;
  const cx::World& world_;
  double started_, setup_seconds_ = 0, io_seconds_ = 0, start_ = 0, guess_seconds_ = 0, guess_error_ = cx::kUnknown;
  Learned learned_;
  Slab slab_;
  cx::Box box_;
  cx::Accelerator accelerator_;
  cx::Checkpoint checkpoint_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Solver> solver_;
  std::unique_ptr<cx::Roofline> roofline_;
  std::vector<cx::Check> checks_;
  long long repetition_ = 0;
  double first_ = 0, strays_ = 0;  // r'r at the end of the first repetition, and how many ended with another
  cx::Work counted_;               // by earlier attempts
  bool resumed_ = false;
};

}  // namespace cg
