// cg's fields on a GPU: passes in one stream, halos in another beside it.
#include "mpi/cg/device.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include "cuda/cg/learned.cuh"
#include "cuda/cg/stencil.cuh"
#include "cuda/cg/transfer.cuh"
#include "cuda/cg/vector.cuh"
#include "cuda/common/runtime.hpp"
#include "cuda/stream/kernel.cuh"

namespace cg {
namespace {

using cx::gpu::Buffer, cx::gpu::Stream;

struct Cells {
  Cells(const Layout& layout_, int planes_)
      : layout(layout_), planes(planes_), values(layout.size(planes)) {
    values.clear();
  }

  Layout layout;
  int planes;
  Buffer<double> values;
};

class Gpu final : public Device {
 public:
  int make(const Layout& layout, int planes) override {
    fields_.push_back(std::make_unique<Cells>(layout, planes));
    if (!sums_) sums_ = std::make_unique<Buffer<double>>(static_cast<std::size_t>(planes));  // the finest grid is first
    cx::gpu::wait();
    return static_cast<int>(fields_.size()) - 1;
  }

  void fill(int out, const Sample& sample, int global, int less) override {
    CX_LAUNCH_ON(main_, gpu::fill, rows(of(out)), wide(of(out)), of(out).layout, first(out), sample, global,
                 less == kNone ? nullptr : first(less));
    cx::gpu::launched("fill");
  }

  void stencil(Pass pass, const Operands& operands, cx::Range planes) override { stencil_on(main_, pass, operands, planes); }
  void stencil_aside(Pass pass, const Operands& operands, cx::Range planes) override {
    stencil_on(aside_, pass, operands, planes);
  }

  void step(int r, int q, double alpha) override {
    summing(of(r), [&](auto tile, const Layout& layout, const gpu::Part& part, dim3 grid, dim3 block) {
      const auto kernel = gpu::step<decltype(tile)>;
      CX_LAUNCH_ON(main_, kernel, grid, block, layout, part, sums_->data(), first(r), first(q), alpha);
    });
    summed("step", *sums_);
  }

  void dot(int a, int b) override {
    summing(of(a), [&](auto tile, const Layout& layout, const gpu::Part& part, dim3 grid, dim3 block) {
      const auto kernel = gpu::dot<decltype(tile)>;
      CX_LAUNCH_ON(main_, kernel, grid, block, layout, part, sums_->data(), first(a), first(b));
    });
    summed("dot", *sums_);
  }

  void turn(int x, int p, int z, const Scalars& by) override {
    CX_LAUNCH_ON(main_, gpu::turn, rows(of(x)), wide(of(x)), of(x).layout, turning(x, p, z, by));
    cx::gpu::launched("turn");
  }

  void scale(int r, double by, int one, int other) override {
    CX_LAUNCH_ON(main_, gpu::scale, rows(of(r)), wide(of(r)), of(r).layout, first(r), by, first(one), first(other));
    cx::gpu::launched("scale");
  }

  void sums(double* to, std::size_t count) override { last_->download(to, count, main_); }

  void fork() override { aside_.follow(main_); }
  void join() override { main_.follow(aside_); }
  void download(int field, int plane, double* to, std::size_t count) override {
    of(field).values.download(to, of(field).layout.offset(plane), count, aside_);
  }
  void upload(int field, int plane, const double* from, std::size_t count) override {
    of(field).values.upload(from, of(field).layout.offset(plane), count, aside_);
  }
  double* staging(std::size_t count) override {
    if (!staging_ || staging_->size() < count) staging_ = std::make_unique<cx::gpu::Pinned<double>>(count);
    return staging_->data();
  }

  void wait() override { main_.wait(); }

  void restrict_to(int coarse, int fine) override {
    CX_LAUNCH_ON(main_, gpu::restrict_to, rows(of(coarse)), wide(of(coarse)), of(coarse).layout, first(coarse), of(fine).layout,
                 first(fine));
    cx::gpu::launched("restrict_to");
  }
  void prolong(int fine, int coarse) override {
    CX_LAUNCH_ON(main_, gpu::prolong, rows(of(fine)), wide(of(coarse)), of(fine).layout, first(fine), of(coarse).layout,
                 first(coarse));
    cx::gpu::launched("prolong");
  }

  void learn(const Basis& basis, cx::Range planes) override {
    const auto square = static_cast<std::size_t>(basis.count * basis.count), n = static_cast<std::size_t>(of(0).layout.n);
    const auto count = static_cast<std::size_t>(planes.size());
    functions_ = std::make_unique<Buffer<double>>(static_cast<std::size_t>(basis.count) * n);
    functions_->upload(basis.values, functions_->size());
    shares_ = std::make_unique<Buffer<double>>(count * (square + 1));
    factors_ = std::make_unique<Buffer<double>>(square * static_cast<std::size_t>(basis.count));
    on_planes_ = std::make_unique<Buffer<double>>(count * square);
    learned_ = {functions_->data(), static_cast<int>(basis.count), planes.begin};
    cx::gpu::wait();
  }

  void measure(int r) override { measure(r, nullptr, 0); }
  void step_and_measure(int r, int q, double alpha) override { measure(r, first(q), alpha); }

  void turn_learned(int x, int p, int r, const Scalars& by, const double* factors) override {
    const Cells& cells = of(x);
    factors_->upload(factors, factors_->size(), main_);
    CX_LAUNCH_ON(main_, gpu::on_planes, static_cast<unsigned>(cells.planes), 128, static_cast<int>(cells.layout.n), learned_,
                 factors_->data(), on_planes_->data());
    cx::gpu::launched("on_planes");
    CX_LAUNCH_ON(main_, gpu::turn_learned, rows(cells), wide(cells), cells.layout, turning(x, p, r, by), learned_,
                 on_planes_->data());
    cx::gpu::launched("turn_learned");
  }

  void triad(std::size_t count) override {
    for (auto& array : triad_)
      if (!array) array = std::make_unique<Buffer<double>>(count);
    CX_LAUNCH_ON(main_, stream::triad<double>, static_cast<unsigned>((count + stream::kThreads - 1) / stream::kThreads),
                 stream::kThreads, triad_[0]->data(), triad_[1]->data(), triad_[2]->data(), 0.4, count);
    cx::gpu::launched("triad");
    main_.wait();
  }

 private:
  // Blocks to have in a launch at least, so that all multiprocessors are busy: planes share a block only beyond them.
  static constexpr int kBlocks = 256;

  Cells& of(int field) const { return *fields_[static_cast<std::size_t>(field)]; }
  double* first(int field) const { return of(field).values.data() + of(field).layout.offset(0); }

  // Threads for a row, and blocks: (rows, planes).
  static unsigned wide(const Cells& cells, int most = 256) {
    return static_cast<unsigned>(std::min<std::ptrdiff_t>((cells.layout.n + 31) / 32 * 32, most));
  }
  static dim3 rows(const Cells& cells) {
    return dim3(static_cast<unsigned>(cells.layout.n), static_cast<unsigned>(cells.planes));
  }

  Turn turning(int x, int p, int r, const Scalars& by) const {
    return {first(x), first(p), first(r), by.alpha, by.scale, by.beta};
  }

  void summed(const char* kernel, const Buffer<double>& sums) {
    cx::gpu::launched(kernel);
    last_ = &sums;
  }

  // launch(tile, layout, part, grid, block); `stretch`: rows of a block.
  template <typename Tile, typename Launch>
  static void grouped(Tile tile, const Cells& cells, cx::Range planes, int stretch, Launch launch) {
    const auto over = [](int n, int by) { return static_cast<unsigned>((n + by - 1) / by); };
    const dim3 grid(over(planes.size(), Tile::kPlanes), over(static_cast<int>(cells.layout.n), stretch));
    const gpu::Part part = {planes.begin, planes.end, stretch};
    launch(tile, cells.layout, part, grid, dim3(wide(cells, Tile::kWide) + gpu::kHelpers));
  }

  // For sums, which need whole planes: as many to a block as leave enough blocks. A tile of about 1000 cells, so that enough of
  // memory is under way, within 48 KB of shared memory.
  template <typename Launch>
  static void summing(const Cells& cells, cx::Range planes, Launch launch) {
    const int n = static_cast<int>(cells.layout.n);
    if (planes.size() >= 4 * kBlocks) grouped(gpu::Tile<4, 1, 256>(), cells, planes, n, launch);
    else if (planes.size() >= 2 * kBlocks) grouped(gpu::Tile<2, 1, 512>(), cells, planes, n, launch);
    else if (n > 512) grouped(gpu::Tile<1, 1, 512>(), cells, planes, n, launch);
    else grouped(gpu::Tile<1, 2, 512>(), cells, planes, n, launch);
  }
  template <typename Launch>
  static void summing(const Cells& cells, Launch launch) {
    summing(cells, {0, cells.planes}, launch);
  }

  template <Pass kPass>
  void stencil_on(const Stream& stream, const cg::Operands& operands, const Cells& cells, cx::Range planes) {
    const auto launch = [&](auto tile, const Layout& layout, const gpu::Part& part, dim3 grid, dim3 block) {
      const auto kernel = gpu::stencil<kPass, decltype(tile)>;
      CX_LAUNCH_ON(stream, kernel, grid, block, layout, operands, part, sums_->data());
    };
    if constexpr (kPass == Pass::kApply) {
      summing(cells, planes, launch);
      summed("stencil", *sums_);
    } else {
      // Planes may be cut too, where there are few.
      const int n = static_cast<int>(cells.layout.n), cuts = std::clamp(8 * kBlocks / planes.size(), 1, n / 8);
      grouped(gpu::Tile<2, 1, 512>(), cells, planes, (n + cuts - 1) / cuts, launch);
      cx::gpu::launched("stencil");
    }
  }

  void stencil_on(const Stream& stream, Pass pass, const Operands& o, cx::Range planes) {
    const Cells& cells = of(o.u);
    const cg::Operands operands = {first(o.u), first(o.f), first(o.out), first(o.d), o.a, o.b};
    switch (pass) {
      case Pass::kApply: return stencil_on<Pass::kApply>(stream, operands, cells, planes);
      case Pass::kResidual: return stencil_on<Pass::kResidual>(stream, operands, cells, planes);
      case Pass::kPolynomial: return stencil_on<Pass::kPolynomial>(stream, operands, cells, planes);
      case Pass::kAdd: return stencil_on<Pass::kAdd>(stream, operands, cells, planes);
      case Pass::kChebyshev: return stencil_on<Pass::kChebyshev>(stream, operands, cells, planes);
    }
  }

  void measure(int r, const double* q, double alpha) {
    const Cells& cells = of(r);
    const unsigned threads = std::max(wide(cells), static_cast<unsigned>(gpu::kParts * learned_.count));
    CX_LAUNCH_ON(main_, gpu::measure, static_cast<unsigned>(cells.planes), threads + gpu::kHelpers, cells.layout, learned_,
                 first(r), q, alpha, shares_->data());
    summed("measure", *shares_);
  }

  Stream main_, aside_;
  std::vector<std::unique_ptr<Cells>> fields_;
  std::unique_ptr<Buffer<double>> sums_, functions_, shares_, factors_, on_planes_, triad_[3];
  std::unique_ptr<cx::gpu::Pinned<double>> staging_;
  const Buffer<double>* last_ = nullptr;  // what sums() is about
  gpu::Learned learned_{};
};

}  // namespace

std::unique_ptr<Device> make_device() {
  return std::make_unique<Gpu>();
}

}  // namespace cg
