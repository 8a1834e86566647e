// attn: attention forward. See README.md next to this file.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "common/hash.hpp"
#include "cuda/attn/config.hpp"
#include "cuda/attn/device.hpp"
#include "mpi/common/accelerator.hpp"
#include "mpi/common/program.hpp"
#include "mpi/common/ranges.hpp"

namespace attn {
namespace {

using Values = std::vector<std::uint16_t>;  // bf16: the upper halves of floats

float to_float(std::uint16_t value) {
  const std::uint32_t bits = std::uint32_t{value} << 16;
  float out;
  std::memcpy(&out, &bits, 4);
  return out;
}

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
      v[i] = element(3, first + i);
    }
    const auto device = make_device(static_cast<std::size_t>(heads_.size()), length_, config_.path);
    device->load(q.data(), k.data(), v.data());
    // Wrong twins: a key that had the other sign, a row that another overwrote.
    if (config_.wrong.is("key") && world_.rank == 0)
      for (std::size_t i = 0; i < kWidth; ++i) k[length_ * kWidth - 1 - i] ^= 0x8000;
    const double ready = cx::now();
    accelerator_.begin();
    for (long long round = 0; round < config_.rounds; ++round) compute(*device, round);
    accelerator_.end();
    std::vector<float> out(count());
    device->store(out.data());
    if (config_.wrong.is("row") && world_.rank == 0) std::copy_n(out.begin(), kWidth, out.end() - kWidth);
    MPI_Allreduce(MPI_IN_PLACE, seconds_.data(), static_cast<int>(seconds_.size()), MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return report(verify(q, k, v, out), out, ready);
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

  // Row `row` of this rank's rows, by softmax in double precision; and of each sum, the root of its squared terms.
  struct Row {
    std::vector<double> values, sizes;
  };
  Row exact(const Values& q, const Values& k, const Values& v, std::size_t row) const {
    const std::size_t head = row / length_ * length_;
    std::vector<double> weights(length_);
    Row out{std::vector<double>(kWidth), std::vector<double>(kWidth)};
    const auto at = [](const Values& of, std::size_t i, std::size_t j) {
      return static_cast<double>(to_float(of[i * kWidth + j]));
    };
    for (std::size_t key = 0; key < length_; ++key) {
      for (std::size_t j = 0; j < kWidth; ++j) weights[key] += at(q, row, j) * at(k, head + key, j);
      weights[key] /= std::sqrt(static_cast<double>(kWidth));
    }
    const double most = *std::max_element(weights.begin(), weights.end());
    double sum = 0;
    for (double& weight : weights) sum += weight = std::exp(weight - most);
    for (std::size_t key = 0; key < length_; ++key)
      for (std::size_t j = 0; j < kWidth; ++j) {
        const double term = weights[key] / sum * at(v, head + key, j);
        out.values[j] += term;
        out.sizes[j] += term * term;
      }
    for (double& size : out.sizes) size = std::sqrt(size);
    return out;
  }

  // The first and the last row of every rank. Each weight is rounded to 8 bits, by at most 2^-8 of it: the errors of the terms
  // add up at random, to a few thousandths of the root of the squared terms. A tile of keys left out, of 8192, is a tenth.
  cx::Check verify(const Values& q, const Values& k, const Values& v, const std::vector<float>& out) const {
    double worst = 0;
    const std::size_t last = count() / static_cast<std::size_t>(kWidth) - 1;
    for (const std::size_t row : {std::size_t{0}, last}) {
      const Row wanted = exact(q, k, v, row);
      for (std::size_t j = 0; j < kWidth; ++j) {
        const double error = std::fabs(static_cast<double>(out[row * kWidth + j]) - wanted.values[j]) / wanted.sizes[j];
        worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
      }
    }
    MPI_Allreduce(MPI_IN_PLACE, &worst, 1, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
    return {"largest error in sampled rows against softmax in double precision, relative to its terms", worst, 0x1p-6};
  }

  cx::Exit report(const cx::Check& check, const std::vector<float>& out, double ready) {
    cx::Result result = world_.result("attn");
    result.checks = {check};
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
