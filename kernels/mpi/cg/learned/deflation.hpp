// The coarse space of products w = f_a(x) f_b(y) f_c(z): what a field has of each, and sums of them. Both are taken one axis
// after another, along with passes that read and write the field anyway: they cost arithmetic, no memory traffic.
//
// M = scale + W (W' A W)^-1 W' is symmetric and positive definite whatever the functions are, so plain conjugate gradients may
// use it (additive coarse correction: Tang, Nabben, Vuik and Erlangga, J. Sci. Comput. 39, 2009).
#pragma once
#include <mpi.h>
#include <cstddef>
#include <vector>

#include "common/timer.hpp"
#include "mpi/cg/learned/learned.hpp"
#include "mpi/cg/parallel.hpp"

namespace cg {

class Deflation {
 public:
  Deflation(const Passes& passes, const Learned& learned, cx::Work& work, double& comm_seconds)
      : slab_(passes.slab),
        device_(passes.device),
        learned_(learned),
        work_(work),
        comm_seconds_(comm_seconds),
        m_(learned.functions.count) {
    const std::size_t width = entry();
    planes_.resize(width * static_cast<std::size_t>(slab_.n));
    for (const int count : slab_.counts) counts_.push_back(count * static_cast<int>(width));
    for (const int offset : slab_.offsets) offsets_.push_back(offset * static_cast<int>(width));
    shares_.resize(learned.galerkin.size());
    factors_.resize(shares_.size());
    on_plane_.resize(static_cast<std::size_t>(m_ * m_));
    if (device_) device_->learn(basis(), slab_.planes);
  }

  // Bytes that it takes on a rank.
  static double bytes(const Config& config) {
    const double m = static_cast<double>(config.basis), n = static_cast<double>(config.n);
    return 8 * ((m * m + 1) * n + m * n + 5 * m * m * m);
  }

  // Collective: r'r, and what r has of each product.
  double measure(const Field& r) {
    if (device_) device_->measure(r.id());
    else planes([&](int z) {
      own(z)[0] = cg::dot(slab_.layout, r.plane(z), r.plane(z));
      cg::project(slab_.layout, r.plane(z), basis(), own(z) + 1);
    });
    count(2 + 2.0 * m_, 8);
    return gather();
  }

  // Collective: the same of r = r - alpha q.
  double step(Field& r, const Field& q, double alpha) {
    if (device_) device_->step_and_measure(r.id(), q.id(), alpha);
    else planes([&](int z) {
      own(z)[0] = cg::step(slab_.layout, r.plane(z), q.plane(z), alpha);
      cg::project(slab_.layout, r.plane(z), basis(), own(z) + 1);  // the plane is in cache still
    });
    count(4 + 2.0 * m_, 24);
    return gather();
  }

  // Solves the coarse problem for what was measured last. Returns r' W (W' A W)^-1 W' r. `asymmetric`: the wrong twin.
  double solve(bool asymmetric) {
    double energy = 0;
    for (std::size_t i = 0; i < shares_.size(); ++i) {
      factors_[i] = learned_.galerkin[i] * shares_[i];
      energy += factors_[i] * shares_[i];
    }
    if (asymmetric) factors_[0] += 0.01 * learned_.galerkin[0] * shares_[1];
    if (slab_.planes.begin == 0) work_.flops += 3 * static_cast<double>(shares_.size());
    return energy;
  }

  // What the guess network makes of the same.
  void guess() {
    for (std::size_t i = 0; i < shares_.size(); ++i) factors_[i] = learned_.gains[i] * shares_[i];
    if (slab_.planes.begin == 0) work_.flops += static_cast<double>(shares_.size());
  }

  // x = x + alpha p, then p = scale r + (the products with the factors found last) + beta p.
  void turn(Field& x, Field& p, const Field& r, double alpha, double scale, double beta) {
    count(5 + 2.0 * m_, 40);
    if (device_) return device_->turn_learned(x.id(), p.id(), r.id(), {alpha, scale, beta}, factors_.data());
    const std::size_t square = on_plane_.size();
    for (int z = 0; z < slab_.planes.size(); ++z) {
      std::fill(on_plane_.begin(), on_plane_.end(), 0.0);
      for (int c = 0; c < m_; ++c) {
        const double here = learned_.functions.at(c, slab_.planes.begin + z);
        const double* from = &factors_[static_cast<std::size_t>(c) * square];
        for (std::size_t i = 0; i < square; ++i) on_plane_[i] += here * from[i];
      }
      cg::turn_learned(slab_.layout, {x.plane(z), p.plane(z), r.plane(z), alpha, scale, beta}, basis(), on_plane_.data());
    }
  }

  // Per plane of n^2 cells beside what cells take: rows and the plane itself, for `measure`, `step` and `turn` alike.
  static double flops_per_plane(double m, double n) { return 2 * m * m * n + 2 * m * m * m; }

 private:
  template <typename Action>
  void planes(Action action) const {
    for (int z = 0; z < slab_.planes.size(); ++z) action(z);
  }
  std::size_t entry() const { return static_cast<std::size_t>(m_ * m_ + 1); }
  double* own(int z) { return &planes_[entry() * static_cast<std::size_t>(slab_.planes.begin + z)]; }
  Basis basis() const { return {learned_.functions.values.data(), m_}; }

  void count(double flops, double bytes) {
    work_.flops += flops * slab_.cells() + flops_per_plane(m_, slab_.n) * slab_.planes.size();
    work_.bytes_hbm += bytes * slab_.cells();
  }

  // Every rank gets the sums of all planes and adds them in the order of planes. Returns the first of an entry.
  double gather() {
    if (device_) device_->sums(own(0), entry() * static_cast<std::size_t>(slab_.planes.size()));
    const double begun = cx::now();
    MPI_Allgatherv(MPI_IN_PLACE, 0, MPI_DATATYPE_NULL, planes_.data(), counts_.data(), offsets_.data(), MPI_DOUBLE,
                   MPI_COMM_WORLD);
    comm_seconds_ += cx::now() - begun;
    const double others = static_cast<double>(slab_.counts.size()) - 1;
    work_.bytes_net += 8.0 * static_cast<double>(entry()) * slab_.planes.size() * others;
    work_.msgs += others;
    double all = 0;
    std::fill(shares_.begin(), shares_.end(), 0.0);
    const std::size_t square = on_plane_.size();
    for (int z = 0; z < slab_.n; ++z) {
      const double* plane = &planes_[entry() * static_cast<std::size_t>(z)];
      all += plane[0];
      for (int c = 0; c < m_; ++c) {
        const double here = learned_.functions.at(c, z);
        double* to = &shares_[static_cast<std::size_t>(c) * square];
        for (std::size_t i = 0; i < square; ++i) to[i] += here * plane[1 + i];
      }
    }
    return all;
  }

  const Slab& slab_;
  Device* device_;
  const Learned& learned_;
  cx::Work& work_;
  double& comm_seconds_;
  int m_;
  std::vector<double> planes_;  // of every plane: r'r, then what it has of f_a(x) f_b(y)
  std::vector<int> counts_, offsets_;
  std::vector<double> shares_, factors_, on_plane_;  // [c][b][a]; [b][a]
};

}  // namespace cg
