// cg: preconditioned conjugate gradients. See README.md next to this file.
#include <memory>
#include <string>
#include <vector>

#include "mpi/cg/learned/payoff.hpp"
#include "mpi/cg/plan.hpp"
#include "mpi/cg/verify.hpp"
#include "mpi/common/checkpoint.hpp"
#include "mpi/common/program.hpp"
#include "mpi/common/roofline.hpp"

namespace cg {
namespace {

// What a run that resumes must have in common with the one that saved. The number of ranks is not part of it.
std::string problem_of(const Config& config) {
  return "cg --n " + std::to_string(config.n) + " --preconditioner " + config.preconditioner + " --degree " +
         std::to_string(config.degree) + " --solution " + config.solution + " --guess " + config.guess + " --basis " + std::to_string(config.basis) +
         " --learning " + std::to_string(config.learning) + " --iterations " + std::to_string(config.iterations) + " --tolerance " +
         cx::Args::shortest(config.tolerance);
}

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        world_(world),
        started_(started),
        slab_(slab_of(config, world)),
        box_({cx::Range{0, slab_.n}, cx::Range{0, slab_.n}, slab_.planes}),
        checkpoint_(world, "cg", config.checkpoints, problem_of(config), box_, 3) {
    double need = Solver::bytes(config, slab_) + cx::Checkpoint::bytes(config.checkpoints, box_, 3);
    if (config.roofline) need += cx::Roofline::memory(kSampleBytes * slab_.cells());
    cx::check_memory(world, need);
    if (learns(config)) learned_ = learn(config, world);
    solver_ = std::make_unique<Solver>(config, slab_, learned_, world.ranks, world.rank);
    if (config.roofline) roofline_ = std::make_unique<cx::Roofline>(kSampleBytes * slab_.cells());
  }

  cx::Exit all() {
    checks_ = symmetry(*solver_, slab_, config_.wrong.is("operator"));
    begin();
    if (checkpoint_.resume()) restore();
    setup_seconds_ = cx::now() - started_ - (resumed_ ? 0 : learned_.seconds + guess_seconds_);
    iterate();
    return report();
  }

 private:
  static constexpr double kSampleBytes = 80;

  void iterate() {
    while (!solver_->done()) {
      const double moved = solver_->work.bytes_hbm, took = solver_->advance();
      if (roofline_ && solver_->iteration % 2 == 0) roofline_->sample(took, solver_->work.bytes_hbm - moved);
      const cx::Wishes wishes = cx::agree(MPI_COMM_WORLD);
      if (checkpoint_.enabled() && (wishes.save || wishes.stop || checkpoint_.due(solver_->iteration))) save();
      if (wishes.stop)
        throw cx::Failure(cx::kStopped, "stopped by SIGTERM after iteration " + std::to_string(solver_->iteration));
      if (!std::isfinite(solver_->rr))
        throw cx::Failure(cx::kDiverged, "diverged in iteration " + std::to_string(solver_->iteration));
    }
  }

  static Slab slab_of(const Config& config, const cx::World& world) {
    Slab slab(static_cast<int>(config.n), config.unit(), world.ranks, world.rank);
    slab.layout.past_cache = 4 * slab.bytes() > cx::last_level_cache();
    return slab;
  }

  // The right-hand side A (wanted) in r, and x = 0. Returns the energy of that first error.
  double pose() {
    fill_wanted(solver_->p, slab_, config_);
    const double energy = apply(*solver_, solver_->p, solver_->r);
    fill(solver_->x, slab_, [](std::uint64_t, int, int, int) { return 0.0; });
    return energy;
  }

  void begin() {
    const double zero = pose();
    start_ = zero;
    cx::Work work;
    work.flops = world_.rank == 0 ? learning_flops(config_) : 0;
    solver_->work = work;
    solver_->comm_seconds = 0;
    if (config_.guesses()) {
      const double guessing = cx::now();
      solver_->guess();
      guess_seconds_ = cx::now() - guessing;
      work = solver_->work;
      const double comm = solver_->comm_seconds;
      start_ = error_energy(*solver_, slab_);
      solver_->work = work;
      solver_->comm_seconds = comm;
      guess_error_ = std::sqrt(start_ / zero);
    }
    solver_->begin(config_.guesses());
  }

  Field& field(int index) { return index == 0 ? solver_->x : index == 1 ? solver_->r : solver_->p; }

  void save() {
    const double saving = cx::now();
    cx::Writer state;
    state.put(solver_->iteration).put(solver_->rz).put(solver_->rr).put(solver_->right()).put(cx::sum(solver_->work));
    std::vector<double> values(static_cast<std::size_t>(slab_.cells()));
    checkpoint_.save(solver_->iteration, state.bytes(), [&](int index) -> const std::vector<double>& {
      std::size_t next = 0;
      for (int z = 0; z < slab_.planes.size(); ++z)
        for (int y = 0; y < slab_.n; ++y)
          for (int x = 0; x < slab_.n; ++x) values[next++] = field(index).at(x, y, z);
      return values;
    });
    io_seconds_ += cx::now() - saving;
  }

  void restore() {
    cx::together([&] {
      cx::Reader state = checkpoint_.shared();
      solver_->iteration = state.get<long long>();
      solver_->rz = state.get<double>();
      solver_->rr = state.get<double>();
      solver_->restore(state.get<double>());
      const auto work = state.get<cx::Work>();
      solver_->work = world_.rank == 0 ? work : cx::Work{};
      counted_ = work;
    });
    for (int index = 0; index < 3; ++index) {
      const double* next = checkpoint_.field(index);
      for (int z = 0; z < slab_.planes.size(); ++z)
        for (int y = 0; y < slab_.n; ++y)
          for (int x = 0; x < slab_.n; ++x) field(index).at(x, y, z) = *next++;
    }
    checkpoint_.forget();
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
    for (const cx::Check& check : after(*solver_, slab_, start_)) checks_.push_back(check);
    if (config_.tolerance > 0) checks_.push_back({"residual relative to the right-hand side", solver_->residual(), config_.tolerance});
    // The error against theory is the one to show where all hold.
    std::swap(checks_.front(), checks_.at(checks_.size() - (config_.tolerance > 0 ? 2 : 1)));
    result.checks = checks_;
    result.hash = hash_of(*solver_, slab_);
    result.work = work;
    const long long iterations = solver_->iteration;
    result.problem = [this, iterations](cx::Json& json) {
      json.integer("n", config_.n).integer("iters", iterations).string("dtype", "fp64").null("seed");
      json.string("preconditioner", config_.preconditioner).string("guess", config_.guess);
    };
    result.seconds = {cx::now() - started_, setup_seconds_, seconds, seconds - comm, comm, io_seconds_ > 0 ? io_seconds_ : cx::kUnknown};
    const cx::StepTimes times = solver_->times;
    result.steps = &times;
    result.fom = {"solver speed", "GFLOP/s", (work.flops - counted_.flops) / seconds / 1e9};
    if (roofline_) result.figures = roofline_->figures();
    result.figures.push_back({"iterations", static_cast<double>(iterations), "1"});
    result.figures.push_back({"residual", solver_->residual(), "of the right-hand side"});
    if (learns(config_)) compare(result, resumed_ ? Payoff{} : Payoff{learning, guessing, solving, guess_error_});
    if (resumed_) result.warnings.push_back("resumed from a checkpoint: times are of the last attempt alone");
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
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
  cx::Checkpoint checkpoint_;
  std::unique_ptr<Solver> solver_;
  std::unique_ptr<cx::Roofline> roofline_;
  std::vector<cx::Check> checks_;
  cx::Work counted_;  // by earlier attempts
  bool resumed_ = false;
};

cx::Exit run(const Config& config, const cx::World& world, double started) {
  return Run(config, world, started).all();
}

}  // namespace
}  // namespace cg

int main(int argc, char** argv) {
  return cx::Frame<cg::Config>("cg", cg::run).main(argc, argv);
}
