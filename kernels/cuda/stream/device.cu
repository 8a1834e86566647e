// stream's arrays on a GPU.
#include "mpi/stream/device.hpp"

#include "cuda/common/runtime.hpp"
#include "cuda/stream/kernel.cuh"

namespace stream {
namespace {

using cx::gpu::Buffer;

class Arrays final : public Device {
 public:
  explicit Arrays(std::size_t count) : count_(count), a_(count), b_(count), c_(count) {}

  void load(const double* a, const double* b, const double* c) override {
    a_.upload(a, count_);
    b_.upload(b, count_);
    c_.upload(c, count_);
  }
  void store(double* a, double* b, double* c) const override {
    a_.download(a, count_);
    b_.download(b, count_);
    c_.download(c, count_);
  }

  void copy(std::size_t skip) override {
    CX_LAUNCH(stream::copy<double>, blocks(), kThreads, c_.data(), a_.data() + skip, count_ - skip);
    finish("copy");
  }
  void mul(double scalar) override {
    CX_LAUNCH(stream::mul<double>, blocks(), kThreads, b_.data(), c_.data(), scalar, count_);
    finish("mul");
  }
  void add() override {
    CX_LAUNCH(stream::add<double>, blocks(), kThreads, c_.data(), a_.data(), b_.data(), count_);
    finish("add");
  }
  void triad(double scalar) override {
    CX_LAUNCH(stream::triad<double>, blocks(), kThreads, a_.data(), b_.data(), c_.data(), scalar, count_);
    finish("triad");
  }
  void dot(double* sums, std::size_t stretch) override {
    const std::size_t stretches = (count_ + stretch - 1) / stretch;
    if (!sums_) sums_ = std::make_unique<Buffer<double>>(stretches);
    CX_LAUNCH(stream::dot<double>, static_cast<unsigned>(stretches), kThreads, sums_->data(), a_.data(), b_.data(), count_,
              stretch);
    finish("dot");
    sums_->download(sums, stretches);
  }

  void library_copy() override {
    if (!copy_) copy_ = std::make_unique<Buffer<double>>(count_);
    copy_->copy(a_);
  }

 private:
  // One element for each thread, while the grid is large enough.
  unsigned blocks() const {
    const std::size_t wanted = (count_ + kThreads - 1) / kThreads, most = std::size_t{1} << 30;
    return static_cast<unsigned>(wanted < most ? wanted : most);
  }

  static void finish(const char* operation) {
    cx::gpu::launched(operation);
    cx::gpu::wait();
  }

  std::size_t count_;
  Buffer<double> a_, b_, c_;
  std::unique_ptr<Buffer<double>> sums_, copy_;
};

}  // namespace

std::unique_ptr<Device> make_device(std::size_t count) {
  return std::make_unique<Arrays>(count);
}

}  // namespace stream
