// One rank's fields on a GPU, in place of main memory: cuda/cg/device.cu.
#pragma once
#include <cstddef>
#include <memory>

#include "mpi/cg/passes.hpp"
#include "mpi/cg/samples.hpp"
#include "mpi/common/ranges.hpp"

namespace cg {

// Fields are known by number, planes as in main memory: from 0, with the halo at -1 and after the last. What is given is done in
// that order, and calls do not wait for it, but for those that bring something to main memory.
class Device {
 public:
  virtual ~Device() = default;

  // A new field of zeros, as Array's of so many planes. Returns its number.
  virtual int make(const Layout& layout, int planes) = 0;

  static constexpr int kNone = -1;
  // out = sample - less, or the sample alone; `first`: the global number of plane 0.
  virtual void fill(int out, const Sample& sample, int first, int less) = 0;

  // As cg::Operands; of those that a pass does not have, the numbers do not matter.
  struct Operands {
    int u = 0, f = 0, out = 0, d = 0;
    double a = 0, b = 0;
  };
  virtual void stencil(Pass pass, const Operands& operands, cx::Range planes) = 0;
  virtual void step(int r, int q, double alpha) = 0;
  virtual void dot(int a, int b) = 0;
  struct Scalars {
    double alpha = 0, scale = 0, beta = 0;
  };
  virtual void turn(int x, int p, int z, const Scalars& by) = 0;
  virtual void scale(int r, double by, int one, int other) = 0;  // both become `by` r

  // What the last pass that has sums made of each plane, `count` doubles in all. Waits.
  virtual void sums(double* to, std::size_t count) = 0;

  // From fork() on, these go beside what is given otherwise: after what was given before it, and before what is given after join().
  virtual void fork() = 0;
  virtual void stencil_aside(Pass pass, const Operands& operands, cx::Range planes) = 0;
  // `count` doubles from the first cell of a plane on. A download waits for itself; what is uploaded must stay until then.
  virtual void download(int field, int plane, double* to, std::size_t count) = 0;
  virtual void upload(int field, int plane, const double* from, std::size_t count) = 0;
  virtual void join() = 0;

  // Main memory that is copied fast, at least so many doubles; what it held before may be lost.
  virtual double* staging(std::size_t count) = 0;

  virtual void wait() = 0;  // until all is done

  // As Transfer's, between a grid and the next, coarser one.
  virtual void restrict_to(int coarse, int fine) = 0;
  virtual void prolong(int fine, int coarse) = 0;

  // What is learned, on an axis of which this rank has `planes`.
  virtual void learn(const Basis& basis, cx::Range planes) = 0;
  // For sums(): of each plane first r'r, then what it has of f_a(x) f_b(y), as project() has it. With r = r - alpha q first.
  virtual void measure(int r) = 0;
  virtual void step_and_measure(int r, int q, double alpha) = 0;
  // As turn_learned(), with factors[(c * count + b) * count + a] of f_a(x) f_b(y) f_c(z).
  virtual void turn_learned(int x, int p, int r, const Scalars& by, const double* factors) = 0;

  // stream's triad of so many elements, until it is done.
  virtual void triad(std::size_t count) = 0;
};

std::unique_ptr<Device> make_device();

}  // namespace cg
