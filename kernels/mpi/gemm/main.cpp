// gemm: matrix products. See README.md next to this file.
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/hash.hpp"
#include "mpi/common/accelerator.hpp"
#include "mpi/common/program.hpp"
#include "mpi/common/ranges.hpp"
#include "mpi/gemm/config.hpp"
#include "mpi/gemm/device.hpp"
#include "mpi/gemm/verify.hpp"

namespace gemm {
namespace {

// Rounded to the nearest bf16: the upper half of a float.
float to_bf16(float value) {
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  bits = (bits + 0x7fff + (bits >> 16 & 1)) & 0xffff0000;
  std::memcpy(&value, &bits, 4);
  return value;
}

// Between -1 and 1. Random data: zeros would let a processor draw less power and run faster.
double element(std::uint64_t matrix, std::uint64_t index) {
  return 2 * static_cast<double>(cx::scramble(cx::scramble(matrix) ^ index) >> 11) * 0x1p-53 - 1;
}

template <typename Real>
class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        world_(world),
        started_(started),
        accelerator_(config.backend, world, "gemm"),
        n_(static_cast<std::size_t>(config.n)) {
    const cx::Range units = cx::part(static_cast<int>(config.n / unit(config)), world.ranks, world.rank);
    first_ = static_cast<std::size_t>(units.begin) * static_cast<std::size_t>(unit(config));
    rows_ = static_cast<std::size_t>(units.size()) * static_cast<std::size_t>(unit(config));
    const double bytes = config.element() * static_cast<double>(n_) * static_cast<double>(n_ + 2 * rows_);
    cx::check_memory(world, bytes);
    accelerator_.check_memory(bytes);
  }

  cx::Exit all() {
    std::vector<Real> a(rows_ * n_), b(n_ * n_), c(rows_ * n_);
    for (std::size_t i = 0; i < a.size(); ++i) a[i] = random(1, first_ * n_ + i);
    for (std::size_t i = 0; i < b.size(); ++i) b[i] = random(2, i);
    if constexpr (cx::gpu::kBuilt)
      if (accelerator_.on()) device_ = make_device<Real>(rows_, n_, config_.bf16() ? config_.path : "plain");
    if (device_) device_->load(a.data(), b.data());
    setup_seconds_ = cx::now() - started_;
    Shape shape{static_cast<std::ptrdiff_t>(rows_), static_cast<std::ptrdiff_t>(n_), static_cast<std::ptrdiff_t>(n_)};
    std::vector<double> seconds;
    accelerator_.begin();
    for (long long round = 0; round < config_.rounds; ++round) {
      MPI_Barrier(MPI_COMM_WORLD);
      const double begun = cx::now();
      if (device_) device_->multiply();
      else multiply(shape, a.data(), b.data(), c.data());
      seconds.push_back(cx::now() - begun);
      work_.flops += 2.0 * static_cast<double>(rows_ * n_) * static_cast<double>(n_);
      work_.bytes_hbm += config_.factor() * static_cast<double>((rows_ + n_) * n_) +
                         config_.element() * static_cast<double>(rows_ * n_);
      accelerator_.sample();
      int stop = cx::stop_asked();
      MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
      if (stop) throw cx::Failure(cx::kStopped, "stopped by SIGTERM after product " + std::to_string(round + 1));
    }
    accelerator_.end();
    if (device_) device_->store(c.data());
    err(a, b, c);
    MPI_Allreduce(MPI_IN_PLACE, seconds.data(), static_cast<int>(seconds.size()), MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return report(a, b, c, seconds);
  }

 private:
  Real random(std::uint64_t matrix, std::uint64_t index) const {
    const auto value = static_cast<Real>(element(matrix, index));
    return config_.bf16() ? static_cast<Real>(to_bf16(static_cast<float>(value))) : value;
  }

  // Wrong twins, on rank 0: a sum that is one term short, a row that another overwrote, an 8 x 8 tile that is one term short.
  void err(const std::vector<Real>& a, const std::vector<Real>& b, std::vector<Real>& c) const {
    if (world_.rank != 0) return;
    const auto shorten = [&](std::size_t i, std::size_t j) { c[i * n_ + j] -= a[i * n_ + n_ - 1] * b[(n_ - 1) * n_ + j]; };
    if (config_.wrong.is("depth")) shorten(1, 1);
    if (config_.wrong.is("row")) std::copy_n(c.begin(), n_, c.begin() + static_cast<std::ptrdiff_t>(n_));
    if (!config_.wrong.is("tile")) return;
    for (std::size_t i = 0; i < 8; ++i)
      for (std::size_t j = 0; j < 8; ++j) shorten(rows_ - 56 + i, n_ / 2 + j);
  }

  cx::Exit report(const std::vector<Real>& a, const std::vector<Real>& b, const std::vector<Real>& c,
                  const std::vector<double>& seconds) {
    cx::Result result = world_.result("gemm");
    result.checks = verify<Real>({a, b, c, rows_, n_, static_cast<std::size_t>(unit(config_))}, config_.bf16());
    std::uint64_t hash = 0;
    for (std::size_t i = 0; i < c.size(); ++i) hash += cx::cell_hash(first_ * n_ + i, static_cast<double>(c[i]));
    MPI_Allreduce(MPI_IN_PLACE, &hash, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    result.hash = cx::hex(hash);
    result.work = cx::sum(work_);
    result.problem = [this](cx::Json& json) {
      json.integer("n", config_.n).integer("iters", config_.rounds).string("dtype", config_.dtype).null("seed");
    };
    double roi = 0;
    for (const double one : seconds) roi += one;
    result.seconds = {cx::now() - started_, setup_seconds_, roi, roi, 0, cx::kUnknown};
    const double flops = 2 * static_cast<double>(n_) * static_cast<double>(n_) * static_cast<double>(n_);
    result.fom = {"product speed", "GFLOP/s", flops / *std::min_element(seconds.begin(), seconds.end()) / 1e9};
    accelerator_.describe(result);
    if (config_.bf16()) result.warnings.push_back("the " + config_.path + " path of bf16 is " + cx::kNeverRun);
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  const Config& config_;
  const cx::World& world_;
  double started_, setup_seconds_ = 0;
  cx::Accelerator accelerator_;
  std::unique_ptr<Device<Real>> device_;
  std::size_t n_, first_ = 0, rows_ = 0;
  cx::Work work_;
};

cx::Exit run(const Config& config, const cx::World& world, double started) {
  if (config.dtype != "fp64") return Run<float>(config, world, started).all();
  return Run<double>(config, world, started).all();
}

}  // namespace
}  // namespace gemm

int main(int argc, char** argv) {
  return cx::Frame<gemm::Config>("gemm", gemm::run).main(argc, argv);
}
