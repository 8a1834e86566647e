// Runs every CUDA kernel on CPU threads and compares it with a plain loop. The argument is the number of a barrier to leave
// out: ThreadSanitizer must then report a race. Prints one line per kernel; ends with 3 when a result is wrong.
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cuda/gemm/kernel.cuh"
#include "cuda/heat/kernel.cuh"
#include "cuda/nbody/kernel.cuh"
#include "cuda/stream/kernel.cuh"

namespace {

bool all_right = true;

double random(std::size_t i, std::size_t seed) {
  return static_cast<double>((i * 2654435761u + seed * 40503u) % 1000) / 1000.0 + 0.001;
}

template <typename Real>
std::vector<Real> numbers(std::size_t count, std::size_t seed) {
  std::vector<Real> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<Real>(random(i, seed));
  return values;
}

template <typename Real>
void compare(const char* name, const std::vector<Real>& got, const std::vector<Real>& wanted, double tolerance) {
  double worst = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    worst = std::fmax(worst, std::fabs(static_cast<double>(got[i]) - static_cast<double>(wanted[i])));
  const bool right = worst <= tolerance;
  all_right = all_right && right;
  std::printf("%s %s, error %g\n", name, right ? "right" : "wrong", worst);
}

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
  std::vector<double> sums(blocks);
  CX_LAUNCH(stream::dot<double>, blocks, stream::kThreads, sums.data(), a.data(), b.data(), n);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += a[i] * b[i];
  compare<double>("dot", {sums[0] + sums[1] + sums[2]}, {sum}, 1e-9);
}

void check_heat() {
  const int nx = 40, ny = 11, nz = 3;  // no multiples of the tile
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
  CX_LAUNCH(heat::sweep<double>, dim3(2, 2), dim3(heat::kTileX, heat::kTileY), got.data(), in.data(), nx, ny, nz, 0.1);
  compare("sweep", got, wanted, 0);
}

void check_nbody() {
  const unsigned n = 2 * nbody::kTile;
  const std::vector<float> bodies = numbers<float>(4 * n, 4);
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
  CX_LAUNCH(nbody::pull<float>, n / nbody::kTile, nbody::kTile, got.data(), bodies.data(), n, bodies.data(), n, 0.05f);
  compare("pull", got, wanted, 0.02);
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

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) cx::shim::left_out = std::atoi(argv[1]);
  check_stream();
  check_heat();
  check_nbody();
  check_gemm();
  return all_right ? 0 : 3;
}
