// Runs every CUDA kernel on CPU threads and compares it with a plain loop. The argument is the number of a barrier to leave
// out: ThreadSanitizer must then report a race. A second argument is the one file whose kernels to run. Prints one line per
// kernel; ends with 3 when a result is wrong.
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "cuda/attn/kernel.cuh"
#include "cuda/attn/plain.cuh"
#include "cuda/cg/check.hpp"
#include "cuda/check.hpp"
#include "cuda/gemm/kernel.cuh"
#include "cuda/gemm/mma.cuh"
#include "cuda/gemm/wgmma.cuh"
#include "cuda/heat/kernel.cuh"
#include "cuda/nbody/kernel.cuh"
#include "cuda/stream/kernel.cuh"
#include "cuda/surrogate/check.hpp"

namespace {

using check::compare, check::halves, check::numbers;

void check_stream() {
  const std::size_t n = 3001;
  const unsigned blocks = 3;
  const std::vector<double> a = numbers<double>(n, 1), b = numbers<double>(n, 2);
  std::vector<double> got(n), wanted(n);
  CX_LAUNCH(stream::copy<double>, blocks, stream::kThreads, got.data(), a.data(), n);
  compare("copy", got, a, 0);
  for (std::size_t i = 0; i < n; ++i) wanted[i] = 0.4 * a[i];
  CX_LAUNCH(stream::mul<double>, blocks, stream::kThreads, got.data(), a.data(), 0.4, n);
  compare("mul", got, wanted, 0);
  for (std::size_t i = 0; i < n; ++i) wanted[i] = a[i] + b[i];
  CX_LAUNCH(stream::add<double>, blocks, stream::kThreads, got.data(), a.data(), b.data(), n);
  compare("add", got, wanted, 0);
  for (std::size_t i = 0; i < n; ++i) wanted[i] = a[i] + 0.4 * b[i];
  CX_LAUNCH(stream::triad<double>, blocks, stream::kThreads, got.data(), a.data(), b.data(), 0.4, n);
  compare("triad", got, wanted, 0);
  const std::size_t stretch = 1024;
  std::vector<double> sums(3), wanted_sums(3);
  for (std::size_t i = 0; i < n; ++i) wanted_sums[i / stretch] += a[i] * b[i];
  CX_LAUNCH(stream::dot<double>, blocks, stream::kThreads, sums.data(), a.data(), b.data(), n, stretch);
  compare("dot", sums, wanted_sums, 1e-9);
}

void check_heat() {
  const int nx = 40, ny = 11, nz = 12;  // no multiples of the tile
  const std::size_t row = nx + 2, layer = row * (ny + 2);
  const std::vector<double> in = numbers<double>(layer * (nz + 2), 3);
  std::vector<double> got(in.size()), wanted(in.size());
  for (std::size_t z = 1; z <= nz; ++z)
    for (std::size_t y = 1; y <= ny; ++y)
      for (std::size_t x = 1; x <= nx; ++x) {
        const double* u = &in[z * layer + y * row + x];
        const auto r = static_cast<std::ptrdiff_t>(row), l = static_cast<std::ptrdiff_t>(layer);
        wanted[z * layer + y * row + x] = (1.0 - 6.0 * 0.1) * u[0] + 0.1 * (((u[-1] + u[1]) + (u[-r] + u[r])) + (u[-l] + u[l]));
      }
  CX_LAUNCH(heat::sweep<double>, dim3(2, 2), dim3(heat::kTileX, heat::kTileY), got.data(), in.data(),
            heat::Cells{nx, ny, nz, static_cast<std::ptrdiff_t>(row), static_cast<std::ptrdiff_t>(layer)}, 0.1);
  compare("sweep", got, wanted, 0);
}

void check_nbody() {
  const unsigned n = 2 * nbody::kTile;
  const std::vector<float> bodies = numbers<float>(4 * n, 4);
  std::vector<long long> pulls(4 * n);
  std::vector<float> got(4 * n), wanted(4 * n);
  for (unsigned i = 0; i < n; ++i) {
    double pull[4] = {};
    for (unsigned j = 0; j < n; ++j) {
      double d[3], squares = 0.05 * 0.05;
      for (unsigned axis = 0; axis < 3; ++axis) {
        d[axis] = static_cast<double>(bodies[axis * n + j]) - static_cast<double>(bodies[axis * n + i]);
        squares += d[axis] * d[axis];
      }
      const double mass = static_cast<double>(bodies[3 * n + j]);
      for (unsigned axis = 0; axis < 3; ++axis) pull[axis] += mass * d[axis] / (squares * std::sqrt(squares));
      pull[3] -= mass / std::sqrt(squares);
    }
    for (unsigned axis = 0; axis < 4; ++axis) wanted[axis * n + i] = static_cast<float>(pull[axis]);
  }
  CX_LAUNCH(nbody::pull<false>, n / nbody::kTile, nbody::kTile, pulls.data(), bodies.data(), n, bodies.data(), n, 0.05f);
  for (std::size_t i = 0; i < got.size(); ++i) got[i] = static_cast<float>(static_cast<double>(pulls[i]) / nbody::kUnits);
  compare("pull", got, wanted, 0.05);
}

void check_gemm() {
  const unsigned rows = 32, columns = 48, depth = 64;
  const std::vector<double> a = numbers<double>(rows * depth, 5), b = numbers<double>(depth * columns, 6);
  std::vector<double> got(rows * columns), wanted(rows * columns);
  for (unsigned i = 0; i < rows; ++i)
    for (unsigned j = 0; j < columns; ++j)
      for (unsigned k = 0; k < depth; ++k) wanted[i * columns + j] += a[i * depth + k] * b[k * columns + j];
  CX_LAUNCH(gemm::multiply<double>, dim3(columns / gemm::kTile, rows / gemm::kTile), dim3(gemm::kTile, gemm::kTile), got.data(),
            a.data(), b.data(), columns, depth);
  compare("multiply", got, wanted, 1e-9);
}

template <typename Launch>
void check_matrices(const char* name, std::size_t depth, Launch launch) {
  const std::size_t n = 128;
  const std::vector<cx::Bf16> a = halves(n * depth, 7), b = halves(n * depth, 8);
  std::vector<float> got(n * n), wanted(n * n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < depth; ++k)
        sum += static_cast<double>(cx::to_float(a[i * depth + k])) * static_cast<double>(cx::to_float(b[j * depth + k]));
      wanted[i * n + j] = static_cast<float>(sum);
    }
  launch(got.data(), a.data(), b.data(), n, depth);
  compare(name, got, wanted, 1e-4);
}

void check_mma() {
  check_matrices("mma", 3 * gemm::mma::kDepth, [](auto... of) { CX_LAUNCH(gemm::mma::multiply, 1, gemm::mma::kThreads, of...); });
}
void check_wgmma() {
  check_matrices("wgmma", 3 * gemm::wgmma::kDepth, [](auto... of) { CX_LAUNCH(gemm::wgmma::multiply, 1, gemm::wgmma::kThreads, of...); });
}

// `launch` is given pointers, the length and the scale.
template <typename Launch>
void check_attention(const char* name, double tolerance, Launch launch) {
  const unsigned length = 128, rows = 64;  // of one block
  const std::size_t count = length * attn::kHead;
  const float scale = static_cast<float>(1.4426950408889634 / std::sqrt(128.0));
  const std::vector<cx::Bf16> q = halves(count, 9), k = halves(count, 10), v = halves(count, 11);
  std::vector<float> wanted(rows * attn::kHead);
  for (unsigned i = 0; i < rows; ++i) {
    std::vector<double> weights(length), row(attn::kHead);
    double sum = 0;
    for (unsigned j = 0; j < length; ++j) {
      double weight = 0;
      for (unsigned at = 0; at < attn::kHead; ++at)
        weight += static_cast<double>(cx::to_float(q[i * attn::kHead + at]) * cx::to_float(k[j * attn::kHead + at]));
      sum += weights[j] = std::exp(weight / std::sqrt(128.0));
    }
    for (unsigned j = 0; j < length; ++j)
      for (unsigned at = 0; at < attn::kHead; ++at)
        row[at] += weights[j] / sum * static_cast<double>(cx::to_float(v[j * attn::kHead + at]));
    for (unsigned at = 0; at < attn::kHead; ++at) wanted[i * attn::kHead + at] = static_cast<float>(row[at]);
  }
  std::vector<float> got(count);
  launch(got.data(), q.data(), k.data(), v.data(), length, scale);
  compare(name, got, wanted, tolerance);
}

void check_forward() {  // the weights are rounded to bf16
  check_attention("forward", 2e-3, [](auto... of) { CX_LAUNCH(attn::forward, 1, attn::kThreads, of...); });
}
void check_plain() {
  check_attention("plain", 1e-5, [](auto... of) { CX_LAUNCH(attn::plain, 1, attn::kPlainThreads, of...); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::pair<const char*, void (*)()> checks[] = {
      {"stream/kernel.cuh", check_stream}, {"heat/kernel.cuh", check_heat}, {"nbody/kernel.cuh", check_nbody},
      {"gemm/kernel.cuh", check_gemm},     {"gemm/mma.cuh", check_mma},     {"gemm/wgmma.cuh", check_wgmma},
      {"attn/kernel.cuh", check_forward},  {"attn/plain.cuh", check_plain},
      {"surrogate/batch.cuh", check::batch}, {"surrogate/thin.cuh", check::thin}, {"surrogate/plain.cuh", check::plain},
      {"surrogate/half.cuh", check::half},   {"surrogate/adam.cuh", check::adam},
      {"cg/walk.cuh", check::cg::walk},      {"cg/stencil.cuh", check::cg::stencil},
      {"cg/vector.cuh", check::cg::vector},  {"cg/transfer.cuh", check::cg::transfer},
      {"cg/learned.cuh", check::cg::learned}};
  if (argc > 1) cx::shim::left_out = std::atoi(argv[1]);
  for (const auto& [name, check] : checks)
    if (argc < 3 || std::strcmp(name, argv[2]) == 0) check();
  return check::all_right ? 0 : 3;
}
