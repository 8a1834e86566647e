// Launches that are recorded once and then started together: a step of many small kernels costs one call of the driver. Without
// CUDA's compiler they are simply made again.
#pragma once
#include <functional>
#include <utility>

#include "cuda/common/runtime.hpp"

namespace cx::gpu {

class Graph {
 public:
  // `launches` gives work to `stream` and to no other; always the same kernels with the same arguments. It is called later.
  Graph(const Stream& stream, std::function<void()> launches) : stream_(stream), launches_(std::move(launches)) {}
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

#if defined(__CUDACC__)

  ~Graph() {
    if (graph_) cudaGraphExecDestroy(graph_);
  }

  // Starts the launches; does not wait for them. The first time they are made one by one: a kernel's code is loaded when it is
  // first launched, and that may not be while a stream records.
  void replay() {
    if (!loaded_) {
      launches_();
      loaded_ = true;
      return;
    }
    if (!graph_) record();
    check(cudaGraphLaunch(graph_, stream_), "starting a graph");
  }

 private:
  void record() {
    stream_.wait();
    check(cudaStreamBeginCapture(stream_, cudaStreamCaptureModeThreadLocal), "recording a graph");
    launches_();
    cudaGraph_t graph = nullptr;
    check(cudaStreamEndCapture(stream_, &graph), "recording a graph");
    const cudaError_t status = cudaGraphInstantiate(&graph_, graph, 0);
    cudaGraphDestroy(graph);
    check(status, "making a graph");
  }

  bool loaded_ = false;
  cudaGraphExec_t graph_ = nullptr;

#else

  void replay() { launches_(); }

 private:

#endif

  const Stream& stream_;
  std::function<void()> launches_;
};

}  // namespace cx::gpu
