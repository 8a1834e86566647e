// nbody: gravitation between all pairs. See README.md next to this file.
#include <cmath>
#include <string>
#include <vector>

#include "mpi/common/accelerator.hpp"
#include "mpi/common/program.hpp"
#include "mpi/nbody/device.hpp"
#include "mpi/nbody/verify.hpp"

namespace nbody {
namespace {

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        world_(world),
        started_(started),
        accelerator_(config.backend, world, "nbody"),
        own_(cx::part(config.blocks(), world.ranks, world.rank)) {
    const int most = kBlock * cells(0);
    cx::check_memory(world, Bodies::bytes(own_) + 2 * kBytesPerBody * (most + kBlock));
    accelerator_.check_memory(device_bytes(kBlock * own_.size(), most));
    if constexpr (cx::gpu::kBuilt)
      if (accelerator_.on()) device_ = make_device(kBlock * own_.size(), most, config.approximate);
  }

  cx::Exit all() {
    Bodies bodies(config_, own_);
    const cx::Check two = orbit(config_);
    setup_seconds_ = cx::now() - started_;
    MPI_Barrier(MPI_COMM_WORLD);
    accelerator_.begin();
    const double begun = cx::now();
    round(bodies);
    const double first_seconds = cx::now() - begun;
    const Conserved before = conserved(bodies);
    const double stepping = cx::now();
    for (long long step = 1; step <= config_.steps; ++step) advance(bodies, step);
    seconds_ = first_seconds + cx::now() - stepping;
    accelerator_.end();
    return report(bodies, before, two);
  }

 private:
  int cells(int rank) const { return cx::part(config_.blocks(), world_.ranks, rank).size(); }

  // Kick, drift, kick: second order, and reversible.
  void advance(Bodies& bodies, long long step) {
    const double begun = cx::now();
    bodies.kick(config_.dt / 2);
    bodies.drift(config_.dt);
    // The wrong twin loses mass once, half-way.
    if (config_.wrong.is("mass") && step == (config_.steps + 1) / 2 && world_.rank == 0)
      bodies.at(bodies.places, 3, 0) *= 100;
    round(bodies);
    // Or the sixth of every eight warps pulls a little more.
    if (config_.wrong.is("warp") && step == config_.steps)
      for (int i = 0; i < bodies.count; ++i)
        if (i / 32 % 8 == 5) bodies.pulls[static_cast<std::size_t>(i)] += bodies.pulls[static_cast<std::size_t>(i)] / 256;
    bodies.kick(config_.dt / 2);
    times_.add(cx::now() - begun);
    accelerator_.sample();
    int stop = cx::stop_asked();
    MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (stop) throw cx::Failure(cx::kStopped, "stopped by SIGTERM after step " + std::to_string(step));
  }

  // All pulls on this rank's bodies: while one block of bodies is at work, the next is on its way.
  void round(Bodies& bodies) {
    std::fill(bodies.pulls.begin(), bodies.pulls.end(), 0);
    if (device_) device_->start(bodies.places.data());
    const int ranks = world_.ranks, right = (world_.rank + 1) % ranks, left = (world_.rank + ranks - 1) % ranks;
    here_ = bodies.places;
    const auto count = [&](int stage) { return 4 * kBlock * cells((world_.rank + ranks - stage) % ranks); };
    for (int stage = 0; stage < ranks; ++stage) {
      MPI_Request requests[2] = {MPI_REQUEST_NULL, MPI_REQUEST_NULL};
      if (stage + 1 < ranks) {
        next_.resize(static_cast<std::size_t>(count(stage + 1)));
        MPI_Irecv(next_.data(), count(stage + 1), MPI_FLOAT, left, 0, MPI_COMM_WORLD, &requests[0]);
        MPI_Isend(here_.data(), count(stage), MPI_FLOAT, right, 0, MPI_COMM_WORLD, &requests[1]);
        work_.bytes_net += 4.0 * count(stage);
        work_.msgs += 1;
        work_.bytes_hbm += 4.0 * count(stage + 1);
      }
      // The wrong twin leaves out what has travelled furthest.
      if (!config_.wrong.is("ring") || stage + 1 < ranks) {
        if (device_) device_->add(here_.data(), count(stage) / 4);
        else bodies.add(here_.data(), count(stage) / 4);
      }
      work_.flops += kFlops * bodies.count * (count(stage) / 4);
      const double waiting = cx::now();
      MPI_Waitall(2, requests, MPI_STATUSES_IGNORE);
      comm_seconds_ += cx::now() - waiting;
      std::swap(here_, next_);
    }
    if (device_) device_->finish(bodies.pulls.data());
    work_.bytes_hbm += (kBytesPerBody + 32) * bodies.count;
  }

  std::vector<cx::Check> verify(const Bodies& bodies, const Conserved& before, const cx::Check& two) const {
    const Conserved after = conserved(bodies);
    double momentum = 0;
    for (std::size_t axis = 1; axis < 4; ++axis) momentum = std::max(momentum, std::fabs(after[axis] - before[axis]));
    return {forces(bodies, world_.rank, world_.ranks),
            {"drift of energy, relative", std::fabs(after[0] / before[0] - 1), 1e-3},
            {"drift of momentum; all mass at speed 1 has 1", momentum, 1e-5},
            two};
  }

  std::string hash(const Bodies& bodies) const {
    std::uint64_t sum = 0;
    for (int axis = 0; axis < 3; ++axis)
      for (int i = 0; i < bodies.count; ++i) {
        const auto body = static_cast<std::uint64_t>(own_.begin) * kBlock + static_cast<std::uint64_t>(i);
        sum += cx::cell_hash(3 * body + static_cast<std::uint64_t>(axis), static_cast<double>(bodies.at(bodies.places, axis, i)));
      }
    MPI_Allreduce(MPI_IN_PLACE, &sum, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    return cx::hex(sum);
  }

  cx::Exit report(const Bodies& bodies, const Conserved& before, const cx::Check& two) {
    cx::Result result = world_.result("nbody");
    result.checks = verify(bodies, before, two);
    result.hash = hash(bodies);
    result.work = cx::sum(work_);
    const double seconds = cx::slowest(seconds_), comm = cx::slowest(comm_seconds_);
    result.problem = [this](cx::Json& json) {
      json.integer("n", config_.n).integer("iters", config_.steps).string("dtype", "fp32").null("seed");
    };
    result.seconds = {cx::now() - started_, setup_seconds_, seconds, seconds - comm, comm, cx::kUnknown};
    result.steps = &times_;
    result.fom = {"interactions", "interactions/s", result.work.flops / kFlops / seconds};
    accelerator_.describe(result);
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  const Config& config_;
  const cx::World& world_;
  double started_, setup_seconds_ = 0, seconds_ = 0, comm_seconds_ = 0;
  cx::Accelerator accelerator_;
  std::unique_ptr<Device> device_;
  cx::Range own_;
  std::vector<float> here_, next_;
  cx::StepTimes times_;
  cx::Work work_;
};

cx::Exit run(const Config& config, const cx::World& world, double started) {
  return Run(config, world, started).all();
}

}  // namespace
}  // namespace nbody

int main(int argc, char** argv) {
  return cx::Frame<nbody::Config>("nbody", nbody::run).main(argc, argv);
}
