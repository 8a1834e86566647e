// attn: attention forward. See README.md next to this file.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "common/hash.hpp"
#include "cuda/attn/config.hpp"
#include "cuda/attn/device.hpp"
#include "cuda/attn/verify.hpp"
#include "mpi/common/accelerator.hpp"
#include "mpi/common/program.hpp"
#include "mpi/common/ranges.hpp"

namespace attn {
namespace {

// Between -2 and 2, cut to bf16: weights spread enough that softmax matters.
std::uint16_t element(std::uint64_t which, std::uint64_t index) {
  const auto value = static_cast<float>(4 * static_cast<double>(cx::scramble(cx::scramble(which) ^ index) >> 11) * 0x1p-53 - 2);
  std::uint32_t bits;
  std::memcpy(&bits, &value, 4);
  return static_cast<std::uint16_t>(bits >> 16);
}

class Run {
 public:
  Run(const Config& config, const cx::World& world, double started)
      : config_(config),
        world_(world),
        started_(started),
        accelerator_(config.backend, world, "attn"),
        heads_(cx::part(static_cast<int>(config.heads), world.ranks, world.rank)),
        length_(static_cast<std::size_t>(config.length)) {
    const double bytes = (3 * 2 + 4) * static_cast<double>(count());
    cx::check_memory(world, bytes);
    accelerator_.check_memory(bytes);
  }

  cx::Exit all() {
    Values q(count()), k(count()), v(count());
    const std::uint64_t first = static_cast<std::uint64_t>(heads_.begin) * length_ * kWidth;
    for (std::size_t i = 0; i < count(); ++i) {
      q[i] = element(1, first + i);
      k[i] = element(2, first + i);
      const std::size_t at = first + i, head = at / (length_ * kWidth);
      v[i] = at % kWidth == column_of_ones(head) ? kOne : element(3, at);
    }
    const auto device = make_device(static_cast<std::size_t>(heads_.size()), length_, config_.path);
    device->load(q.data(), k.data(), v.data());
    // A wrong twin: a key that had the other sign.
    if (config_.wrong.is("key") && world_.rank == 0)
      for (std::size_t i = 0; i < kWidth; ++i) k[length_ * kWidth - 1 - i] ^= 0x8000;
    const double ready = cx::now();
    accelerator_.begin();
    for (long long round = 0; round < config_.rounds; ++round) compute(*device, round);
    accelerator_.end();
    std::vector<float> out(count());
    device->store(out.data());
    err(out);
    MPI_Allreduce(MPI_IN_PLACE, seconds_.data(), static_cast<int>(seconds_.size()), MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    const auto heads = static_cast<std::size_t>(heads_.size());
    return report(verify({q, k, v, out, static_cast<std::size_t>(heads_.begin), heads, length_}), out, ready);
  }

 private:
  std::size_t count() const { return static_cast<std::size_t>(heads_.size()) * length_ * kWidth; }

  void compute(Device& device, long long round) {
    MPI_Barrier(MPI_COMM_WORLD);
    const double begun = cx::now();
    device.forward();
    seconds_.push_back(cx::now() - begun);
    const cx::Work done = work_of(heads_.size(), static_cast<double>(length_));
    work_.flops += done.flops;
    work_.bytes_hbm += done.bytes_hbm;
    accelerator_.sample();
    int stop = cx::stop_asked();
    MPI_Allreduce(MPI_IN_PLACE, &stop, 1, MPI_INT, MPI_MAX, MPI_COMM_WORLD);
    if (stop) throw cx::Failure(cx::kStopped, "stopped by SIGTERM after round " + std::to_string(round + 1));
  }

  // Wrong twins, on rank 0: a row that another overwrote, a warp that took its neighbour's queries, a head that is the one
  // before, a row that was divided by too little.
  void err(std::vector<float>& out) const {
    if (world_.rank != 0) return;
    const auto copy = [&](std::size_t from, std::size_t to, std::size_t rows) {
      std::copy_n(out.begin() + static_cast<std::ptrdiff_t>(from * kWidth), rows * kWidth,
                  out.begin() + static_cast<std::ptrdiff_t>(to * kWidth));
    };
    const std::size_t rows = count() / kWidth, head = rows / length_ / 2 * length_;
    if (config_.wrong.is("row")) copy(0, rows - 1, 1);
    if (config_.wrong.is("warp"))
      for (std::size_t block = 0; block < rows; block += kUnit) copy(block, block + 16, 16);
    if (config_.wrong.is("head")) copy(head - length_, head, length_);
    if (config_.wrong.is("sum"))
      for (std::size_t j = 0; j < kWidth; ++j) out[(kUnit + 1) * kWidth + j] *= 1.01f;
  }

  cx::Exit report(const std::vector<cx::Check>& checks, const std::vector<float>& out, double ready) {
    cx::Result result = world_.result("attn");
    result.checks = checks;
    std::uint64_t hash = 0;
    const std::uint64_t first = static_cast<std::uint64_t>(heads_.begin) * length_ * kWidth;
    for (std::size_t i = 0; i < out.size(); ++i) hash += cx::cell_hash(first + i, static_cast<double>(out[i]));
    MPI_Allreduce(MPI_IN_PLACE, &hash, 1, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    result.hash = cx::hex(hash);
    result.work = cx::sum(work_);
    result.problem = [this](cx::Json& json) {
      json.integer("n", config_.length).integer("heads", config_.heads).integer("width", kWidth);
      json.integer("iters", config_.rounds).string("dtype", "bf16").null("seed");
    };
    double roi = 0;
    for (const double one : seconds_) roi += one;
    result.seconds = {cx::now() - started_, ready - started_, roi, roi, 0, cx::kUnknown};
    const double flops = work_of(static_cast<double>(config_.heads), static_cast<double>(length_)).flops;
    result.fom = {"attention speed", "GFLOP/s", flops / *std::min_element(seconds_.begin(), seconds_.end()) / 1e9};
    accelerator_.describe(result);
    if (world_.rank == 0) publish(result);
    return result.verified() ? cx::kOk : cx::kUnverified;
  }

  const Config& config_;
  const cx::World& world_;
  double started_;
  cx::Accelerator accelerator_;
  cx::Range heads_;
  std::size_t length_;
  std::vector<double> seconds_;
  cx::Work work_;
};

cx::Exit run(const Config& config, const cx::World& world, double started) {
  return Run(config, world, started).all();
}

}  // namespace
}  // namespace attn

int main(int argc, char** argv) {
  return cx::Frame<attn::Config>("attn", attn::run).main(argc, argv);
}
