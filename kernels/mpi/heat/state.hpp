// What a checkpoint holds beside the cells: where the run stands, and what it has found so far.
#pragma once
#include <string>

#include "common/bytes.hpp"
#include "common/work.hpp"
#include "mpi/heat/config.hpp"
#include "mpi/heat/snapshot.hpp"

namespace heat {

// What a run that resumes must have in common with the one that saved. The number of ranks is not part of it.
inline std::string problem_of(const Config& config) {
  std::string text = "heat --n " + std::to_string(config.n) + " --steps " + std::to_string(config.steps) + " --repeat " +
                     std::to_string(config.repeat) + " --alpha";
  for (const double alpha : config.alphas) text += " " + cx::Args::shortest(alpha);
  if (!config.output.empty())
    text += " --output, --snapshots " + std::to_string(config.snapshots) + " --stride " + std::to_string(config.stride);
  return text;
}

struct State {
  long long repetition = 0, step = 0;
  std::size_t alpha = 0;
  double worst = -1;  // the largest error of the solutions that are done
  std::string hash;   // of those
  cx::Work work;      // of all ranks

  std::string bytes(const Recorder* recorder, int rank) const {
    cx::Writer out(recorder && rank == 0 ? recorder->saved_bytes() + 256 : 0);
    out.put(repetition).put(step).put(alpha).put(worst).text(hash).put(work);
    if (recorder && rank == 0) recorder->save(out);
    return out.bytes();
  }

  void read(cx::Reader in, Recorder* recorder, int rank) {
    repetition = in.get<long long>();
    step = in.get<long long>();
    alpha = in.get<std::size_t>();
    worst = in.get<double>();
    hash = in.text();
    work = in.get<cx::Work>();
    if (recorder && rank == 0) recorder->restore(in);
  }
};

}  // namespace heat
