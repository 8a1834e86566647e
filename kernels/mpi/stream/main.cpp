// stream: main-memory bandwidth. See README.md next to this file.
#include <array>
#include <cstdio>
#include <string>
#include <vector>

#include "mpi/common/accelerator.hpp"
#include "mpi/common/program.hpp"
#include "mpi/stream/arrays.hpp"
#include "mpi/stream/config.hpp"
#include "mpi/stream/device.hpp"
#include "mpi/stream/loops.hpp"

namespace stream {
namespace {

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        world_(world),
        started_(started),
        accelerator_(config.backend, world, "stream"),
        begin_(first(config, world.ranks, world.rank)),
        count_(static_cast<std::size_t>(first(config, world.ranks, world.rank + 1) - begin_)),
        seconds_(static_cast<std::size_t>(config.rounds)),
        loops_(seconds_.size()) {
    // The other loops have three arrays of their own; a GPU's copy has none here.
    const bool twice = config.compare && !accelerator_.on();
    cx::check_memory(world, (twice ? 48.0 : 24.0) * static_cast<double>(count_));
    accelerator_.check_memory(device_bytes(count_, config.compare));
    for (int rank = 0; rank < world.ranks; ++rank) {
      const long long owned = (first(config, world.ranks, rank + 1) - first(config, world.ranks, rank) + kBlock - 1);
      offsets_.push_back(lengths_.empty() ? 0 : offsets_.back() + lengths_.back());
      lengths_.push_back(static_cast<int>(owned / kBlock));
    }
    sums_.resize(static_cast<std::size_t>(blocks(config)));
  }

  cx::Exit all() {
    Arrays arrays(begin_, begin_ + static_cast<long long>(count_));
    if constexpr (cx::gpu::kBuilt)
      if (accelerator_.on()) device_ = make_device(count_);
    if (device_) device_->load(arrays.a.data(), arrays.b.data(), arrays.c.data());
    const double ready = cx::now();
    accelerator_.begin();
    for (std::size_t round = 0; round < seconds_.size(); ++round) {
      for (std::size_t which = 0; which < kOperations.size(); ++which)
        seconds_[round][which] = timed([&] { operate(which, arrays, round); });
      if (config_.compare) compare(round);
      accelerator_.sample();
      if (stopped()) throw cx::Failure(cx::kStopped, "stopped by SIGTERM after round " + std::to_string(round + 1));
    }
    accelerator_.end();
    if (device_) device_->store(arrays.a.data(), arrays.b.data(), arrays.c.data());
    // Wall time of a region counts until its slowest rank is done.
    MPI_Allreduce(MPI_IN_PLACE, seconds_.data(), static_cast<int>(seconds_.size() * kOperations.size()), MPI_DOUBLE,
                  MPI_MAX, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, loops_.data(), static_cast<int>(loops_.size() * kLoops.size()), MPI_DOUBLE, MPI_MAX,
                  MPI_COMM_WORLD);
    return report(arrays, ready);
  }

 private:
  using Times = std::array<double, kOperations.size()>;
  using LoopTimes = std::array<double, kLoops.size()>;

  template <typename Action>
  static double timed(Action action) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = cx::now();
    action();
    return cx::now() - begun;
  }

  void operate(std::size_t which, Arrays& arrays, std::size_t round) {
    double *a = arrays.a.data(), *b = arrays.b.data(), *c = arrays.c.data();
    // Wrong twins err once, on one rank, in the middle: one element off, or a slightly wrong scalar.
    const bool err = round == seconds_.size() / 2 && world_.rank == 0;
    const std::size_t skip = err && config_.wrong.is("shift") ? 1 : 0;
    const double scalar = err && config_.wrong.is("scalar") ? kScalar * (1 + 1e-12) : kScalar;
    if (device_) operate_there(which, skip, scalar);
    else if (which == 0) copy(c, a + skip, count_ - skip);
    else if (which == 1) mul(b, c, scalar, count_);
    else if (which == 2) add(c, a, b, count_);
    else if (which == kTriad) triad(a, b, c, kScalar, count_);
    else dot_ = sum_all(a, b);
    work_.flops += kOperations[which].flops * static_cast<double>(count_);
    work_.bytes_hbm += kOperations[which].bytes * static_cast<double>(count_);
  }

  void operate_there(std::size_t which, std::size_t skip, double scalar) {
    if (which == 0) device_->copy(skip);
    else if (which == 1) device_->mul(scalar);
    else if (which == 2) device_->add();
    else if (which == kTriad) device_->triad(kScalar);
    else dot_ = sum_all(nullptr, nullptr);
  }

  // Every rank gets the sums of all blocks and adds them in the order of blocks.
  double sum_all(const double* a, const double* b) {
    const auto rank = static_cast<std::size_t>(world_.rank);
    double* own = sums_.data() + offsets_[rank];
    if (device_) device_->dot(own, kBlock);
    else
      for (std::size_t at = 0; at < count_; at += kBlock)
        own[at / kBlock] = dot(a + at, b + at, std::min<std::size_t>(kBlock, count_ - at));
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, sums_.data(), lengths_.data(), offsets_.data(), MPI_DOUBLE,
                   MPI_COMM_WORLD);
    work_.bytes_net += 8.0 * lengths_[rank] * (world_.ranks - 1);
    work_.msgs += world_.ranks - 1;
    double sum = 0;
    for (const double part : sums_) sum += part;
    return config_.wrong.is("dot") ? sum - sums_.back() : sum;
  }

  void compare(std::size_t round) {
    if (device_) {
      loops_[round][0] = timed([&] { device_->library_copy(); });
      return;
    }
    // They scribble: on arrays of their own size, which the verification does not read.
    if (scratch_.size() == 0) scratch_ = cx::Array(3 * count_);
    for (std::size_t which = 0; which < kLoops.size(); ++which)
      loops_[round][which] = timed([&] {
        kLoops[which].run(scratch_.data(), scratch_.data() + count_, scratch_.data() + 2 * count_, count_);
      });
  }

  bool stopped() const {
    int stop = cx::stop_asked();
    MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    return stop != 0;
  }

  // The best round but the first, which warms up.
  template <typename Rounds>
  static double best(const Rounds& rounds, std::size_t which) {
    double least = rounds[1][which];
    for (std::size_t round = 2; round < rounds.size(); ++round) least = std::min(least, rounds[round][which]);
    return least;
  }

  double rate(double bytes, double seconds) const { return bytes * static_cast<double>(config_.n) / seconds / 1e9; }

  std::vector<cx::Check> verify(const Arrays& arrays, std::string& hash) {
    Arrays::Comparison own = arrays.compare(config_.rounds);
    MPI_Allreduce(MPI_IN_PLACE, &own.error, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    MPI_Allreduce(MPI_IN_PLACE, &own.hash, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    long double wanted = 0;
    std::vector<long double> products;
    for (long long i = 0; i < std::min(kPeriod, config_.n); ++i) {
      const Values v = after(config_.rounds, i);
      products.push_back(static_cast<long double>(v.a) * static_cast<long double>(v.b));
    }
    for (std::size_t i = 0; i < products.size(); ++i) {
      const long long times = config_.n / kPeriod + (static_cast<long long>(i) < config_.n % kPeriod);
      wanted += products[i] * static_cast<long double>(times);
    }
    const double error = std::fabs(dot_ / static_cast<double>(wanted) - 1.0);
    hash = cx::hex(own.hash + cx::cell_hash(static_cast<std::uint64_t>(config_.n), dot_));
    // BabelStream's tolerances.
    constexpr double kEps = std::numeric_limits<double>::epsilon();
    return {{"max error relative to the closed form", own.error, 100 * kEps},
            {"error of dot relative to the closed form", error, 1e7 * kEps}};
  }

  cx::Exit report(const Arrays& arrays, double ready) {
    cx::Result result = world_.result("stream");
    result.checks = verify(arrays, result.hash);
    result.work = cx::sum(work_);
    result.problem = [this](cx::Json& json) {
      json.integer("n", config_.n).integer("iters", config_.rounds).string("dtype", "fp64").null("seed");
    };
    double roi = 0;
    for (const Times& round : seconds_)
      for (const double seconds : round) roi += seconds;
    result.seconds.total = cx::now() - started_;
    result.seconds.setup = ready - started_;
    result.seconds.roi = roi;
    for (std::size_t which = 0; which < kOperations.size(); ++which)
      result.figures.push_back(
          {kOperations[which].name, rate(kOperations[which].bytes, best(seconds_, which)), "GB/s"});
    const double triad_rate = result.figures[kTriad].value;
    result.fom = {"triad bandwidth", "GB/s", triad_rate};
    if (config_.compare) add_comparison(result, triad_rate);
    accelerator_.describe(result);
    const double cache = device_ ? accelerator_.facts().cache : cx::last_level_cache();
    if (24.0 * static_cast<double>(config_.n) < 4 * cache)
      result.warnings.push_back("the arrays are below four times the last-level cache: this is no main-memory bandwidth");
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  void add_comparison(cx::Result& result, double triad_rate) const {
    double most = 0;
    // On a GPU the one other loop is the driver's copy.
    for (std::size_t which = 0; which < (device_ ? 1 : kLoops.size()); ++which) {
      const double loop_rate = rate(kLoops[which].bytes, best(loops_, which));
      most = std::max(most, loop_rate);
      if (world_.rank == 0) std::printf("stream: %-16s %8.2f GB/s\n", device_ ? "device copy" : kLoops[which].name, loop_rate);
    }
    result.figures.push_back({"best_other_loop", most, "GB/s"});
    result.figures.push_back({"triad_of_best_other_loop", triad_rate / most, "1"});
  }

  const Config& config_;
  const cx::World& world_;
  double started_;
  cx::Accelerator accelerator_;
  std::unique_ptr<Device> device_;
  long long begin_;
  std::size_t count_;
  std::vector<Times> seconds_;
  std::vector<LoopTimes> loops_;
  std::vector<int> lengths_, offsets_;  // blocks of each rank
  std::vector<double> sums_;            // of each block
  double dot_ = 0;
  cx::Array scratch_;
  cx::Work work_;
};

cx::Exit run(const Config& config, const cx::World& world, double started) {
  return Run(config, world, started).all();
}

}  // namespace
}  // namespace stream

int main(int argc, char** argv) {
  return cx::Frame<stream::Config>("stream", stream::run).main(argc, argv);
}
