// surrogate on a GPU: a step is a chain of kernels in one stream, recorded once as a graph.
#include "train/surrogate/device.hpp"

#include <algorithm>

#include "cuda/common/graph.hpp"
#include "cuda/surrogate/passes.cuh"

namespace surrogate {
namespace {

static_assert(kFirst == kInputs && kSamples == kShard && half::kBlock == kHalfUnit && kHalfShard % half::kBlock == 0);
static_assert(sizeof(long long) == sizeof(std::int64_t));

using cx::gpu::Buffer;

// The data set on the GPU.
class Fields {
 public:
  Fields(const Tables::Fields& fields, const Buffer<float>& axis)
      : facts_(fields.facts.size()),
        values_(fields.values.size()),
        data_{axis.data(), facts_.data(), values_.data(), values_.size(), static_cast<unsigned>(axis.size()),
              static_cast<unsigned>(axis.size() * axis.size() * axis.size())} {
    facts_.upload(fields.facts.data(), facts_.size());
    values_.upload(fields.values.data(), values_.size());
  }
  const Data& data() const { return data_; }

 private:
  Buffer<float> facts_, values_;
  Data data_;
};

template <typename Hidden>
class Trained final : public Device {
 public:
  Trained(const Task& task, const Tables& tables)
      : task_(task),
        axis_(tables.axis.size()),
        learned_(tables.learned, axis_),
        held_(tables.held, axis_),
        parameters_(parameter_count(task.sizes)),
        mean_(parameters_.size()),
        square_(parameters_.size()),
        sums_(parameters_.size() + 1),
        progress_(1),
        passes_(task_, stream_, parameters_.data(), sums_.data(), progress_.data()),
        gradient_(stream_, [this] { differentiate(); }),
        update_(stream_, [this] { move(); }),
        step_(stream_, [this] { differentiate(), move(); }) {
    axis_.upload(tables.axis.data(), axis_.size());
    sums_.clear();
    cx::gpu::wait();
  }

  void set(const State& state) override {
    parameters_.upload(state.parameters.data(), parameters_.size(), stream_);
    mean_.upload(state.adam.mean.data(), mean_.size(), stream_);
    square_.upload(state.adam.square.data(), square_.size(), stream_);
    const Progress progress{state.adam.pace, static_cast<unsigned long long>(state.step), 0, 0};
    progress_.upload(&progress, 1, stream_);
    passes_.refresh();
    stream_.wait();
  }

  State state() const override {
    const Progress now = progress();
    State state{static_cast<long long>(now.step), std::vector<float>(parameters_.size()),
                Adam(parameters_.size(), task_.rate, static_cast<long long>(task_.steps))};
    parameters_.download(state.parameters.data(), parameters_.size(), stream_);
    mean_.download(state.adam.mean.data(), mean_.size(), stream_);
    square_.download(state.adam.square.data(), square_.size(), stream_);
    state.adam.pace = now.pace;
    return state;
  }

  void gradient(Sums& sums) override {
    gradient_.replay();
    download(sums);
  }

  void update(const Sums& sums) override {
    sums_.upload(reinterpret_cast<const long long*>(sums.data()), sums_.size(), stream_);
    update_.replay();
  }

  long long advance(long long most, Sums& sums) override {
    const long long steps = std::min(most, kAtOnce);
    for (long long i = 0; i < steps; ++i) step_.replay();
    sums[parameters_.size()] = progress().loss;
    return steps;
  }

  void first_shard(Sums& sums) override {
    passes_.take(learned_.data(), shuffled());
    passes_.forward();
    passes_.backward(kShard);
    download(sums);
    sums_.clear();
    cx::gpu::wait();
  }

  void predict(std::size_t first, std::size_t count, float* out) override {
    for (std::size_t at = 0; at < count; at += task_.rows) {
      passes_.take(held_.data(), InOrder{first + at});
      passes_.forward();
      passes_.outputs().download(out + at, std::min(task_.rows, count - at), stream_);
    }
  }

 private:
  static constexpr long long kAtOnce = 16;  // steps that the GPU is given before its host looks

  Shuffled shuffled() const { return {progress_.data(), task_.batch, task_.first, task_.seed}; }

  void differentiate() {
    passes_.take(learned_.data(), shuffled());
    passes_.forward();
    passes_.backward(static_cast<unsigned>(task_.rows));
  }
  void move() { passes_.move(mean_.data(), square_.data()); }

  // Waits for what the GPU was given. Throws Failure(kDiverged).
  Progress progress() const {
    Progress now;
    progress_.download(&now, 1, stream_);
    if (now.diverged) diverged();
    return now;
  }
  void download(Sums& sums) const {
    progress();
    sums_.download(reinterpret_cast<long long*>(sums.data()), sums_.size(), stream_);
  }

  Task task_;
  cx::gpu::Stream stream_;
  Buffer<float> axis_;
  Fields learned_, held_;
  Buffer<float> parameters_;
  Buffer<double> mean_, square_;
  Buffer<long long> sums_;  // in units: of every parameter's gradient, then of the loss
  Buffer<Progress> progress_;
  Passes<Hidden> passes_;
  cx::gpu::Graph gradient_, update_, step_;
};

}  // namespace

std::unique_ptr<Device> make_device(const Task& task, const Tables& tables) {
  if (task.half) return std::make_unique<Trained<cx::Bf16>>(task, tables);
  return std::make_unique<Trained<float>>(task, tables);
}

}  // namespace surrogate
