// Every kernel in the types that programs use, for the compiler: what does not compile for an architecture fails here.
#include "cuda/gemm/kernel.cuh"
#include "cuda/heat/kernel.cuh"
#include "cuda/nbody/kernel.cuh"
#include "cuda/stream/kernel.cuh"

#define CX_STREAM(Real)                                                         \
  template __global__ void stream::copy(Real*, const Real*, std::size_t);       \
  template __global__ void stream::mul(Real*, const Real*, Real, std::size_t);  \
  template __global__ void stream::add(Real*, const Real*, const Real*, std::size_t); \
  template __global__ void stream::triad(Real*, const Real*, const Real*, Real, std::size_t); \
  template __global__ void stream::dot(Real*, const Real*, const Real*, std::size_t);
CX_STREAM(double)
template __global__ void heat::sweep(double*, const double*, int, int, int, double);
template __global__ void nbody::pull(float*, const float*, unsigned, const float*, unsigned, float);
template __global__ void gemm::multiply(double*, const double*, const double*, unsigned, unsigned);
template __global__ void gemm::multiply(float*, const float*, const float*, unsigned, unsigned);
