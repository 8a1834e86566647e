// comm: latency and bandwidth between ranks. See README.md next to this file.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "common/hash.hpp"
#include "mpi/comm/config.hpp"
#include "mpi/comm/fit.hpp"
#include "mpi/common/program.hpp"

namespace comm {
namespace {

// Small integers, exact in sums of up to 2^40 ranks: what rank `rank` sends in place i of round `round`.
double value(int rank, long long round, std::size_t i) {
  return static_cast<double>((static_cast<long long>(i) * 7 + rank * 13 + round) % 1024);
}

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config), world_(world), started_(started), count_(static_cast<std::size_t>(config.sizes().back()) / 8) {
    cx::check_memory(world, 4 * 8.0 * static_cast<double>(count_));
    out_.resize(2 * count_);
    in_.resize(2 * count_);
  }

  cx::Exit all() {
    setup_seconds_ = cx::now() - started_;
    std::vector<Point> halo, sum;
    for (const long long size : config_.sizes()) {
      halo.push_back({static_cast<double>(size), median(size, [&](long long round) { return exchange(size / 8, round); })});
      sum.push_back({static_cast<double>(size), median(size, [&](long long round) { return allreduce(size / 8, round); })});
      if (world_.rank == 0)
        std::printf("comm: %10lld bytes  halo %10.2f us  allreduce %10.2f us\n", size, 1e6 * halo.back().seconds,
                    1e6 * sum.back().seconds);
    }
    return report(halo, sum);
  }

 private:
  // The median over rounds of the slowest rank's time.
  template <typename Exchange>
  double median(long long size, Exchange exchange) {
    std::vector<double> seconds;
    for (long long round = 0; round < config_.rounds; ++round) seconds.push_back(exchange(round));
    MPI_Allreduce(MPI_IN_PLACE, seconds.data(), static_cast<int>(seconds.size()), MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    int stop = cx::stop_asked();
    MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (stop) throw cx::Failure(cx::kStopped, "stopped by SIGTERM at messages of " + std::to_string(size) + " bytes");
    for (const double one : seconds) roi_ += one;
    std::nth_element(seconds.begin(), seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2), seconds.end());
    return seconds[seconds.size() / 2];
  }

  // With both neighbours on a ring of ranks, as a stencil does; each way `doubles` values.
  double exchange(long long doubles, long long round) {
    const auto count = static_cast<std::size_t>(doubles);
    const int ranks = world_.ranks, right = (world_.rank + 1) % ranks, left = (world_.rank + ranks - 1) % ranks;
    for (std::size_t i = 0; i < count; ++i) out_[i] = out_[count_ + i] = value(world_.rank, round, i);
    std::fill(in_.begin(), in_.end(), -1.0);
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = cx::now();
    MPI_Request requests[4];
    const int length = static_cast<int>(count);
    MPI_Irecv(in_.data(), length, MPI_DOUBLE, left, 0, MPI_COMM_WORLD, &requests[0]);
    MPI_Irecv(in_.data() + count_, length, MPI_DOUBLE, right, 1, MPI_COMM_WORLD, &requests[1]);
    MPI_Isend(out_.data(), length, MPI_DOUBLE, right, 0, MPI_COMM_WORLD, &requests[2]);
    MPI_Isend(out_.data() + count_, length, MPI_DOUBLE, left, 1, MPI_COMM_WORLD, &requests[3]);
    MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
    const double seconds = cx::now() - begun;
    if (err("halo", round)) in_[0] += 1;
    for (std::size_t i = 0; i < count; ++i)
      wrong_ += static_cast<double>((in_[i] != value(left, round, i)) + (in_[count_ + i] != value(right, round, i)));
    work_.bytes_net += 16.0 * static_cast<double>(count);
    work_.msgs += 2;
    return seconds;
  }

  double allreduce(long long doubles, long long round) {
    const auto count = static_cast<std::size_t>(doubles);
    for (std::size_t i = 0; i < count; ++i) out_[i] = value(world_.rank, round, i);
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = cx::now();
    MPI_Allreduce(out_.data(), in_.data(), static_cast<int>(count), MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    const double seconds = cx::now() - begun;
    if (err("allreduce", round)) in_[count - 1] -= out_[count - 1];
    for (std::size_t i = 0; i < count; ++i) {
      double sum = 0;
      for (int rank = 0; rank < world_.ranks; ++rank) sum += value(rank, round, i);
      wrong_ += static_cast<double>(in_[i] != sum);
      hash_ += cx::cell_hash(i, in_[i]);
    }
    const double others = world_.ranks - 1;
    work_.bytes_net += 2 * others / world_.ranks * 8 * static_cast<double>(count);
    work_.msgs += 2 * others;
    return seconds;
  }

  // Wrong twins err once, on the last rank.
  bool err(const char* what, long long round) const {
    return config_.wrong.is(what) && round == config_.rounds / 2 && world_.rank == world_.ranks - 1;
  }

  cx::Exit report(const std::vector<Point>& halo, const std::vector<Point>& sum) {
    MPI_Allreduce(MPI_IN_PLACE, &wrong_, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    cx::Result result = world_.result("comm");
    result.checks = {{"values that arrived wrong", wrong_, 0}};
    result.hash = cx::hex(hash_);
    result.work = cx::sum(work_);
    // A share of a size may be no whole number of bytes; the sum over ranks is.
    result.work.bytes_net = std::round(result.work.bytes_net);
    result.problem = [this](cx::Json& json) {
      json.integer("n", config_.sizes().back()).integer("iters", config_.rounds).string("dtype", "fp64").null("seed");
    };
    result.seconds = {cx::now() - started_, setup_seconds_, roi_, cx::kUnknown, roi_, cx::kUnknown};
    const Line halo_line = fit(halo), sum_line = fit(sum);
    const double ranks = world_.ranks, busbw = 2 * (ranks - 1) / ranks * sum.back().bytes / sum.back().seconds;
    result.fom = {"allreduce bus bandwidth", "GB/s", busbw / 1e9};
    result.figures = {{"halo_alpha", 1e6 * halo_line.alpha, "us"},
                      {"halo_beta", halo_line.beta / 1e9, "GB/s each way"},
                      {"halo_fit_error", halo_line.error, "relative"},
                      {"allreduce_alpha", 1e6 * sum_line.alpha, "us"},
                      {"allreduce_beta", sum_line.beta / 1e9, "GB/s"},
                      {"allreduce_fit_error", sum_line.error, "relative"},
                      {"halo_smallest", 1e6 * halo.front().seconds, "us"},
                      {"allreduce_smallest", 1e6 * sum.front().seconds, "us"}};
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  const Config& config_;
  const cx::World& world_;
  double started_, setup_seconds_ = 0, roi_ = 0, wrong_ = 0;
  std::size_t count_;
  std::uint64_t hash_ = 0;
  std::vector<double> out_, in_;
  cx::Work work_;
};

cx::Exit run(const Config& config, const cx::World& world, double started) {
  return Run(config, world, started).all();
}

}  // namespace
}  // namespace comm

int main(int argc, char** argv) {
  return cx::Frame<comm::Config>("comm", comm::run).main(argc, argv);
}
