// Passes over fields by all ranks: the halo travels while the inner planes are computed.
#pragma once
#include <mpi.h>
#include <cstddef>
#include <vector>

#include "common/timer.hpp"
#include "common/work.hpp"
#include "mpi/cg/field.hpp"

namespace cg {

class Passes {
 public:
  // `device`: where fields are, if not in main memory.
  Passes(const Slab& slab_, cx::Work& work, double& comm_seconds, Device* device_)
      : slab(slab_), device(device_), work_(work), comm_seconds_(comm_seconds), sums_(static_cast<std::size_t>(slab.n)) {}

  // Of another grid, counting with `other`.
  Passes(const Slab& slab_, const Passes& other) : Passes(slab_, other.work_, other.comm_seconds_, other.device) {}

  // Collective. Operands as fields: null where the pass has none. Returns the sum that kApply returns, over all ranks.
  struct Fields {
    Field* u = nullptr;
    const Field* f = nullptr;
    Field* out = nullptr;
    Field* d = nullptr;
    double a = 0, b = 0;
    bool drop = false;  // the wrong twin that computes with the last halo
  };
  double stencil(Pass pass, const Fields& fields) {
    if (device) stencil_there(pass, fields);
    else stencil_here(pass, fields);
    count(pass);
    return pass == Pass::kApply ? total() : 0;
  }

  // out = sample - less, or the sample alone.
  void fill(Field& out, const Sample& sample, const Field* less = nullptr) {
    if (device) device->fill(out.id(), sample, slab.planes.begin, less ? less->id() : Device::kNone);
    else planes([&](int z) { fill_here(z, out.plane(z), sample, less ? less->plane(z) : nullptr); });
  }

  double dot(const Field& a, const Field& b) {
    if (device) device->dot(a.id(), b.id());
    else planes([&](int z) { sum(z) = cg::dot(slab.layout, a.plane(z), b.plane(z)); });
    add(2, 16);
    return total();
  }

  double step(Field& r, const Field& q, double alpha) {
    if (device) device->step(r.id(), q.id(), alpha);
    else planes([&](int z) { sum(z) = cg::step(slab.layout, r.plane(z), q.plane(z), alpha); });
    add(4, 24);
    return total();
  }

  void turn(Field& x, Field& p, const Field& z, double alpha, double scale, double beta) {
    if (device) device->turn(x.id(), p.id(), z.id(), {alpha, scale, beta});
    else planes([&](int i) { cg::turn(slab.layout, x.plane(i), p.plane(i), z.plane(i), alpha, scale, beta); });
    add(scale == 1 ? 4 : 5, 40);
  }

  // one = other = by r.
  void scale(const Field& r, double by, Field& one, Field& other) {
    if (device) device->scale(r.id(), by, one.id(), other.id());
    else planes([&](int z) { scale_here(r.plane(z), by, one.plane(z), other.plane(z)); });
    add(1, 24);
  }

  // What passes count, per cell: for the work that is counted and the work that is planned alike.
  struct PerCell {
    double flops, bytes;
  };
  static PerCell per_cell(Pass pass) {
    constexpr double kProduct = 12;  // 8 additions of columns, 2 of their sums, a multiplication, a subtraction
    switch (pass) {
      case Pass::kApply: return {kProduct + 2, 16};
      case Pass::kResidual: return {kProduct + 1, 24};
      case Pass::kPolynomial: return {kProduct + 3, 16};
      case Pass::kAdd: return {kProduct + 4, 24};
      case Pass::kChebyshev: return {kProduct + 5, 40};
    }
    return {};
  }

  void add(double flops, double bytes) {
    work_.flops += flops * slab.cells();
    work_.bytes_hbm += bytes * slab.cells();
  }

  // Collective: fills the halo planes of `u`, without computing meanwhile.
  void exchange(Field& u) {
    const double begun = cx::now();
    if (device) {
      device->fork();
      exchange_aside(u, false);
      device->join();
    } else {
      MPI_Request requests[4];
      start(u, requests, false);
      MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
    }
    comm_seconds_ += cx::now() - begun;
  }

  const Slab& slab;
  Device* const device;

 private:
  template <typename Action>
  void planes(Action action) const {
    for (int z = 0; z < slab.planes.size(); ++z) action(z);
  }

  double& sum(int z) { return sums_[static_cast<std::size_t>(slab.planes.begin + z)]; }

  // Every rank gets the sums of all planes and adds them in the order of planes.
  double total() {
    if (device) device->sums(&sum(0), static_cast<std::size_t>(slab.planes.size()));
    const double begun = cx::now();
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, sums_.data(), slab.counts.data(), slab.offsets.data(), MPI_DOUBLE,
                   MPI_COMM_WORLD);
    comm_seconds_ += cx::now() - begun;
    const double others = static_cast<double>(slab.counts.size()) - 1;
    work_.bytes_net += 8.0 * slab.planes.size() * others;
    work_.msgs += others;
    double all = 0;
    for (const double part : sums_) all += part;
    return all;
  }

  void stencil_here(Pass pass, const Fields& fields) {
    const int count = slab.planes.size();
    MPI_Request requests[4];
    const double begun = cx::now();
    start(*fields.u, requests, fields.drop);
    comm_seconds_ += cx::now() - begun;
    for (int z = 1; z + 1 < count; ++z) {
      one(pass, fields, z);
      int done = 0;
      MPI_Testall(4, requests, &done, MPI_STATUSES_IGNORE);
    }
    const double waiting = cx::now();
    MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
    comm_seconds_ += cx::now() - waiting;
    one(pass, fields, 0);
    if (count > 1) one(pass, fields, count - 1);
  }

  // The inner planes are under way on the GPU while the halo goes through main memory, and still are when the outer ones begin,
  // beside them: a plane takes as long as all of them together.
  void stencil_there(Pass pass, const Fields& fields) {
    const auto id = [](const Field* field) { return field ? field->id() : 0; };
    const Device::Operands operands = {id(fields.u), id(fields.f), id(fields.out), id(fields.d), fields.a, fields.b};
    const int count = slab.planes.size();
    const bool below = !slab.lowest(), above = !slab.highest();
    const cx::Range inner = {below ? 1 : 0, above ? count - 1 : count};
    if (below || above) device->fork();
    if (inner.size() > 0) device->stencil(pass, operands, inner);
    if (!below && !above) return;
    const double begun = cx::now();
    exchange_aside(*fields.u, fields.drop);
    comm_seconds_ += cx::now() - begun;
    if (below) device->stencil_aside(pass, operands, {0, 1});
    if (above && !(below && count == 1)) device->stencil_aside(pass, operands, {count - 1, count});
    device->join();
  }

  void start(Field& u, MPI_Request* requests, bool drop) {
    const std::size_t count = slab.layout.message();
    const int planes = slab.planes.size();
    spare_.resize(drop ? 2 * count : 0);
    double* low = drop ? spare_.data() : u.plane(-1);
    double* high = drop ? spare_.data() + count : u.plane(planes);
    start({u.plane(0), u.plane(planes - 1), low, high}, requests);
  }

  // Planes as they are sent and received.
  struct Faces {
    const double *lowest, *highest;
    double *below, *above;
  };
  void start(const Faces& faces, MPI_Request* requests) {
    const int count = static_cast<int>(slab.layout.message());
    MPI_Irecv(faces.below, count, MPI_DOUBLE, slab.below, 1, MPI_COMM_WORLD, &requests[0]);
    MPI_Irecv(faces.above, count, MPI_DOUBLE, slab.above, 0, MPI_COMM_WORLD, &requests[1]);
    MPI_Isend(faces.lowest, count, MPI_DOUBLE, slab.below, 0, MPI_COMM_WORLD, &requests[2]);
    MPI_Isend(faces.highest, count, MPI_DOUBLE, slab.above, 1, MPI_COMM_WORLD, &requests[3]);
    const int messages = !slab.lowest() + !slab.highest();
    work_.bytes_net += 8.0 * count * messages;
    work_.msgs += messages;
  }

  // Between fork() and join().
  void exchange_aside(const Field& u, bool drop) {
    const bool below = !slab.lowest(), above = !slab.highest();
    const std::size_t count = slab.layout.message();
    const int planes = slab.planes.size();
    double* const staged = device->staging(4 * count);
    const Faces faces = {staged, staged + count, staged + 2 * count, staged + 3 * count};
    if (below) device->download(u.id(), 0, staged, count);
    if (above) device->download(u.id(), planes - 1, staged + count, count);
    MPI_Request requests[4];
    start(faces, requests);
    MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
    if (below && !drop) device->upload(u.id(), -1, faces.below, count);
    if (above && !drop) device->upload(u.id(), planes, faces.above, count);
  }

  void one(Pass pass, const Fields& fields, int z) {
    Operands operands;
    operands.u = fields.u->plane(z);
    operands.f = fields.f ? fields.f->plane(z) : nullptr;
    operands.out = fields.out->plane(z);
    operands.d = fields.d ? fields.d->plane(z) : nullptr;
    operands.a = fields.a;
    operands.b = fields.b;
    const double dot = cg::stencil(pass, slab.layout, operands);
    if (pass == Pass::kApply) sum(z) = dot;
  }

  void scale_here(const double* r, double by, double* one, double* other) const {
    slab.layout.each_cell([&](std::ptrdiff_t, std::ptrdiff_t at) { one[at] = other[at] = by * r[at]; });
  }

  void fill_here(int z, double* out, const Sample& sample, const double* less) const {
    const auto n = static_cast<std::uint64_t>(slab.n), first = static_cast<std::uint64_t>(slab.planes.begin + z) * n * n;
    slab.layout.each_cell([&](std::ptrdiff_t cell, std::ptrdiff_t at) {
      const double value = sample.at(first + static_cast<std::uint64_t>(cell), n);
      out[at] = less ? value - less[at] : value;
    });
  }

  void count(Pass pass) { add(per_cell(pass).flops, per_cell(pass).bytes); }

  cx::Work& work_;
  double& comm_seconds_;
  std::vector<double> sums_, spare_;
};

}  // namespace cg
