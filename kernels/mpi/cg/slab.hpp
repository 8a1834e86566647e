// One rank's planes of a grid, and fields on them. Ranks own slabs along z: their halos are whole planes, contiguous in
// memory, and every plane's sum is one rank's, so that sums over planes are the same bits for every number of ranks.
#pragma once
#include <mpi.h>
#include <cstddef>
#include <vector>

#include "common/arrays.hpp"
#include "common/work.hpp"
#include "common/timer.hpp"
#include "mpi/cg/passes.hpp"
#include "mpi/common/ranges.hpp"

namespace cg {

struct Slab {
  int n = 0;  // cells along each axis
  cx::Range planes;
  Layout layout;
  int below = MPI_PROC_NULL, above = MPI_PROC_NULL;  // ranks
  std::vector<int> counts, offsets;                  // planes of every rank

  // `parts` of the n planes, in multiples of `unit`.
  Slab(int n_, int unit, int ranks, int rank) : n(n_) {
    const auto of = [&](int other) {
      const cx::Range units = cx::part(n / unit, ranks, other);
      return cx::Range{units.begin * unit, units.end * unit};
    };
    planes = of(rank);
    for (int other = 0; other < ranks; ++other) {
      counts.push_back(of(other).size());
      offsets.push_back(of(other).begin);
    }
    if (rank > 0) below = rank - 1;
    if (rank + 1 < ranks) above = rank + 1;
    layout.n = n;
    layout.row = n + 8;  // a cache line of zeros between two rows
    layout.plane = layout.row * (n + 2);
  }

  std::size_t size() const { return static_cast<std::size_t>(layout.plane) * static_cast<std::size_t>(planes.size() + 2) + 8; }
  double bytes() const { return 8.0 * static_cast<double>(size()); }
  double cells() const { return static_cast<double>(n) * n * planes.size(); }
  // Doubles in a plane as it is sent: its rows with the zeros between them.
  int message() const { return static_cast<int>(layout.row * (n - 1) + n); }
};

class Field {
 public:
  Field() = default;
  explicit Field(const Slab& slab) : layout_(slab.layout), values_(slab.size()) {}
  // The first cell of local plane z; -1 and the number of planes are the halo.
  double* plane(int z) { return values_.data() + offset(z); }
  const double* plane(int z) const { return values_.data() + offset(z); }
  double& at(int x, int y, int z) { return plane(z)[y * layout_.row + x]; }
  double at(int x, int y, int z) const { return plane(z)[y * layout_.row + x]; }

 private:
  std::size_t offset(int z) const {
    return static_cast<std::size_t>(layout_.plane * (z + 1) + layout_.row + 8);
  }
  Layout layout_;
  cx::Array values_;
};

// Passes over a slab: the halo travels while the inner planes are computed.
class Passes {
 public:
  Passes(const Slab& slab_, cx::Work& work, double& comm_seconds)
      : slab(slab_), work_(work), comm_seconds_(comm_seconds), sums_(static_cast<std::size_t>(slab.n)) {}

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
    const int planes = slab.planes.size();
    MPI_Request requests[4];
    const double begun = cx::now();
    start(*fields.u, requests, fields.drop);
    comm_seconds_ += cx::now() - begun;
    for (int z = 1; z + 1 < planes; ++z) {
      one(pass, fields, z);
      int done = 0;
      MPI_Testall(4, requests, &done, MPI_STATUSES_IGNORE);
    }
    const double waiting = cx::now();
    MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
    comm_seconds_ += cx::now() - waiting;
    one(pass, fields, 0);
    if (planes > 1) one(pass, fields, planes - 1);
    count(pass);
    return pass == Pass::kApply ? total() : 0;
  }

  double dot(const Field& a, const Field& b) {
    for (int z = 0; z < slab.planes.size(); ++z) sum(z) = cg::dot(slab.layout, a.plane(z), b.plane(z));
    add(2, 16);
    return total();
  }

  double step(Field& r, const Field& q, double alpha) {
    for (int z = 0; z < slab.planes.size(); ++z) sum(z) = cg::step(slab.layout, r.plane(z), q.plane(z), alpha);
    add(4, 24);
    return total();
  }

  void turn(Field& x, Field& p, const Field& z, double alpha, double scale, double beta) {
    for (int plane = 0; plane < slab.planes.size(); ++plane)
      cg::turn(slab.layout, x.plane(plane), p.plane(plane), z.plane(plane), alpha, scale, beta);
    add(scale == 1 ? 4 : 5, 40);
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
    MPI_Request requests[4];
    const double begun = cx::now();
    start(u, requests, false);
    MPI_Waitall(4, requests, MPI_STATUSES_IGNORE);
    comm_seconds_ += cx::now() - begun;
  }

  const Slab& slab;

 private:
  double& sum(int z) { return sums_[static_cast<std::size_t>(slab.planes.begin + z)]; }

  // Every rank gets the sums of all planes and adds them in the order of planes.
  double total() {
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

  void start(Field& u, MPI_Request* requests, bool drop) {
    const int count = slab.message(), planes = slab.planes.size();
    spare_.resize(drop ? static_cast<std::size_t>(2 * count) : 0);
    double* low = drop ? spare_.data() : u.plane(-1);
    double* high = drop ? spare_.data() + count : u.plane(planes);
    MPI_Irecv(low, count, MPI_DOUBLE, slab.below, 1, MPI_COMM_WORLD, &requests[0]);
    MPI_Irecv(high, count, MPI_DOUBLE, slab.above, 0, MPI_COMM_WORLD, &requests[1]);
    MPI_Isend(u.plane(0), count, MPI_DOUBLE, slab.below, 0, MPI_COMM_WORLD, &requests[2]);
    MPI_Isend(u.plane(planes - 1), count, MPI_DOUBLE, slab.above, 1, MPI_COMM_WORLD, &requests[3]);
    const int messages = (slab.below != MPI_PROC_NULL) + (slab.above != MPI_PROC_NULL);
    work_.bytes_net += 8.0 * count * messages;
    work_.msgs += messages;
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

  void count(Pass pass) { add(per_cell(pass).flops, per_cell(pass).bytes); }

  cx::Work& work_;
  double& comm_seconds_;
  std::vector<double> sums_, spare_;
};

}  // namespace cg
