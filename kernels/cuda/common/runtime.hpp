// Memory and streams of a GPU, released by themselves. Without CUDA's compiler: main memory, and streams that are done at once.
#pragma once
#include <cstddef>
#include <cstring>
#include <string>
#include <vector>

#include "common/failure.hpp"
#include "cuda/common/device.hpp"
#if defined(__CUDACC__)
#include <cuda_runtime.h>
#endif

namespace cx::gpu {

#if defined(__CUDACC__)

// Throws LoneFailure: other ranks know nothing of it.
inline void check(cudaError_t status, const char* doing) {
  if (status != cudaSuccess)
    throw LoneFailure(kNoDevice, std::string("the GPU failed while ") + doing + ": " + cudaGetErrorString(status));
}

// After a launch: whether it began.
inline void launched(const char* kernel) {
  check(cudaGetLastError(), kernel);
}

inline void wait() {
  check(cudaDeviceSynchronize(), "computing");
}

class Stream {
 public:
  Stream() {
    check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "making a stream");
    check(cudaEventCreateWithFlags(&reached_, cudaEventDisableTiming), "making an event");
  }
  ~Stream() {
    cudaEventDestroy(reached_);
    cudaStreamDestroy(stream_);
  }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  operator cudaStream_t() const { return stream_; }
  void wait() const { check(cudaStreamSynchronize(stream_), "computing"); }
  // What is given to this stream from now on waits for what was given to the other.
  void follow(const Stream& other) const {
    check(cudaEventRecord(other.reached_, other.stream_), "recording an event");
    check(cudaStreamWaitEvent(stream_, other.reached_, 0), "waiting for an event");
  }

 private:
  cudaStream_t stream_ = nullptr;
  cudaEvent_t reached_ = nullptr;
};

template <typename Value>
class Buffer {
 public:
  explicit Buffer(std::size_t count) : count_(count) {
    void* memory = nullptr;
    check(cudaMalloc(&memory, count * sizeof(Value)), "allocating memory");
    data_ = static_cast<Value*>(memory);
  }
  ~Buffer() { cudaFree(data_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  Value* data() const { return data_; }
  std::size_t size() const { return count_; }
  void clear() { check(cudaMemset(data_, 0, count_ * sizeof(Value)), "clearing memory"); }
  void upload(const Value* from, std::size_t count) {
    check(cudaMemcpy(data_, from, count * sizeof(Value), cudaMemcpyHostToDevice), "copying to it");
  }
  void download(Value* to, std::size_t count) const {
    check(cudaMemcpy(to, data_, count * sizeof(Value), cudaMemcpyDeviceToHost), "copying from it");
  }
  void upload(const Value* from, std::size_t count, const Stream& stream) { upload(from, 0, count, stream); }
  void download(Value* to, std::size_t count, const Stream& stream) const { download(to, 0, count, stream); }
  // From the element `at` on.
  void upload(const Value* from, std::ptrdiff_t at, std::size_t count, const Stream& stream) {
    check(cudaMemcpyAsync(data_ + at, from, count * sizeof(Value), cudaMemcpyHostToDevice, stream), "copying to it");
  }
  void download(Value* to, std::ptrdiff_t at, std::size_t count, const Stream& stream) const {
    check(cudaMemcpyAsync(to, data_ + at, count * sizeof(Value), cudaMemcpyDeviceToHost, stream), "copying from it");
    stream.wait();
  }
  void copy(const Buffer& from) {
    check(cudaMemcpy(data_, from.data_, count_ * sizeof(Value), cudaMemcpyDeviceToDevice), "copying");
    cx::gpu::wait();
  }

 private:
  std::size_t count_;
  Value* data_ = nullptr;
};

// Main memory that the GPU copies from and to by itself.
template <typename Value>
class Pinned {
 public:
  explicit Pinned(std::size_t count) : count_(count) {
    void* memory = nullptr;
    check(cudaMallocHost(&memory, count * sizeof(Value)), "pinning main memory");
    data_ = static_cast<Value*>(memory);
  }
  ~Pinned() { cudaFreeHost(data_); }
  Pinned(const Pinned&) = delete;
  Pinned& operator=(const Pinned&) = delete;

  Value* data() const { return data_; }
  std::size_t size() const { return count_; }

 private:
  std::size_t count_;
  Value* data_ = nullptr;
};

#else

inline void launched(const char*) {}
inline void wait() {}

struct Stream {
  void wait() const {}
  void follow(const Stream&) const {}
};

template <typename Value>
class Buffer {
 public:
  explicit Buffer(std::size_t count) : data_(count) {}
  Value* data() const { return const_cast<Value*>(data_.data()); }
  std::size_t size() const { return data_.size(); }
  void clear() { std::memset(data_.data(), 0, data_.size() * sizeof(Value)); }
  void upload(const Value* from, std::size_t count) { std::memcpy(data_.data(), from, count * sizeof(Value)); }
  void download(Value* to, std::size_t count) const { std::memcpy(to, data_.data(), count * sizeof(Value)); }
  void upload(const Value* from, std::size_t count, const Stream& stream) { upload(from, 0, count, stream); }
  void download(Value* to, std::size_t count, const Stream& stream) const { download(to, 0, count, stream); }
  void upload(const Value* from, std::ptrdiff_t at, std::size_t count, const Stream&) {
    std::memcpy(data_.data() + at, from, count * sizeof(Value));
  }
  void download(Value* to, std::ptrdiff_t at, std::size_t count, const Stream&) const {
    std::memcpy(to, data_.data() + at, count * sizeof(Value));
  }
  void copy(const Buffer& from) { data_ = from.data_; }

 private:
  std::vector<Value> data_;
};

template <typename Value>
using Pinned = Buffer<Value>;

#endif

}  // namespace cx::gpu
