// What a checkpoint holds: where a run stands, and its fields.
#pragma once
#include <string>
#include <vector>

#include "common/bytes.hpp"
#include "mpi/cg/verify.hpp"
#include "mpi/common/checkpoint.hpp"

namespace cg {

// What a run that resumes must have in common with the one that saved. The number of ranks and the back end are not part of it.
inline std::string problem_of(const Config& config) {
  return "cg --n " + std::to_string(config.n) + " --preconditioner " + config.preconditioner + " --degree " +
         std::to_string(config.degree) + " --solution " + config.solution + " --guess " + config.guess + " --basis " +
         std::to_string(config.basis) + " --learning " + std::to_string(config.learning) + " --iterations " +
         std::to_string(config.iterations) + " --tolerance " + cx::Args::shortest(config.tolerance) + " --repeat " +
         std::to_string(config.repeat);
}

// Beside the fields.
struct State {
  long long repetition = 0, iteration = 0;
  double rz = 0, rr = 0, right = 0;  // as Solver has them
  double first = 0, strays = 0;      // r'r at the end of the first repetition, and how many ended with another
  cx::Work work;                     // of all ranks
};

inline constexpr int kFields = 3;
inline Field& field_of(Solver& solver, int index) { return index == 0 ? solver.x : index == 1 ? solver.r : solver.p; }

// Collective.
inline void save(cx::Checkpoint& checkpoint, Solver& solver, const Slab& slab, const State& state) {
  const auto plane = static_cast<std::size_t>(slab.n) * static_cast<std::size_t>(slab.n);
  std::vector<double> values(plane * static_cast<std::size_t>(slab.planes.size()));
  cx::Writer out;
  checkpoint.save(state.iteration, out.put(state).bytes(), [&](int index) -> const std::vector<double>& {
    for (int z = 0; z < slab.planes.size(); ++z) field_of(solver, index).read(z, &values[plane * static_cast<std::size_t>(z)]);
    return values;
  });
}

// What `checkpoint` has found. Throws Failure(kCorruptData) on every rank when it cannot be.
inline State restore(cx::Checkpoint& checkpoint, Solver& solver, const Slab& slab) {
  State state;
  cx::together([&] { state = checkpoint.shared().get<State>(); });
  const std::size_t plane = static_cast<std::size_t>(slab.n) * static_cast<std::size_t>(slab.n);
  for (int index = 0; index < kFields; ++index)
    for (int z = 0; z < slab.planes.size(); ++z)
      field_of(solver, index).write(z, checkpoint.field(index) + plane * static_cast<std::size_t>(z));
  checkpoint.forget();
  return state;
}

}  // namespace cg
