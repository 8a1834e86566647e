// The result contract: one JSON object, printed by rank 0 as the last line of stdout after COXSWAIN_RESULT, and written
// to the termination log that the operator reads. Unknown = null, never 0.
#pragma once
#include <cstddef>
#include <cstdio>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "common/gpu_report.hpp"
#include "common/json.hpp"
#include "common/termination_log.hpp"
#include "common/timer.hpp"
#include "common/work.hpp"

#ifndef CX_VERSION
#error "CX_VERSION and CX_ARCH come from CMakeLists.txt"
#endif

namespace cx {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
inline constexpr std::size_t kLongestResult = 2000;  // bytes that cx-launch passes on (docs/launch-protocol.md, "Outcome")

// One comparison: verified when value <= tol (a value that is not a number is never verified).
struct Check {
  std::string name;
  double value = kUnknown;
  double tol = 0;
  bool ok() const { return value <= tol; }
};

// A measured quantity; not a number = unknown.
struct Figure {
  std::string name;
  double value = kUnknown;
  std::string unit;
};

struct Result {
  std::string kernel;
  int ranks = 1, ranks_per_node = 1, nodes = 1;
  std::function<void(Json&)> problem;  // writes the members of "problem"
  struct {
    double total = kUnknown, setup = kUnknown, roi = kUnknown, compute = kUnknown, comm = kUnknown, io = kUnknown;
  } seconds;
  const StepTimes* steps = nullptr;
  struct {
    std::string name, unit;
    double value = kUnknown;
  } fom;  // every figure of merit here is better when higher
  Work work;
  std::vector<Check> checks;
  std::string hash;  // of the solution or the parameters: equal for every number of ranks
  std::vector<Figure> figures;  // measured beside the figure of merit
  std::string backend = "cpu", compiler;  // nvcc's version, where it compiled a part that ran
  GpuReport gpu;
  std::vector<std::string> warnings;
  std::size_t left_out = 0;  // figures and warnings, by shorten()

  bool verified() const {
    for (const Check& check : checks)
      if (!check.ok()) return false;
    return !checks.empty();
  }

  // The check to show: the first that failed, else the first.
  const Check& shown() const {
    for (const Check& check : checks)
      if (!check.ok()) return check;
    return checks.front();
  }

  std::string json() const {
    Json out;
    out.object().string("schema", "1.1").string("kernel", kernel).string("version", CX_VERSION);
    out.object("build").null("git");
    if (compiler.empty()) out.null("nvcc");
    else out.string("nvcc", compiler);
    out.string("arch", CX_ARCH).string("backend", backend).end();
    out.object("problem");
    problem(out);
    out.end();
    out.integer("ranks", ranks).integer("ranks_per_node", ranks_per_node).integer("nodes", nodes);
    gpu.write(out);
    // An attempt that resumed where all was done has measured nothing of the region: that is unknown, and not 0 s.
    const auto region = [this](double value) { return seconds.roi > 0 ? value : kUnknown; };
    out.object("time").measured("total_s", seconds.total).measured("setup_s", seconds.setup);
    out.measured("roi_s", region(seconds.roi)).measured("compute_s", region(seconds.compute));
    out.measured("comm_s", region(seconds.comm));
    out.measured("io_s", seconds.io).measured("iters_s_p50", steps ? steps->quantile(0.5) : kUnknown);
    out.measured("iters_s_p95", steps ? steps->quantile(0.95) : kUnknown).end();
    out.object("fom").string("name", fom.name).measured("value", region(fom.value)).string("unit", fom.unit);
    out.boolean("higher_is_better", true).end();
    out.object("figures");
    for (const Figure& figure : figures)
      out.object(figure.name.c_str()).measured("value", figure.value).string("unit", figure.unit).end();
    out.end();
    work.write(out);
    gpu.write_energy(out);
    const Check& check = shown();
    out.boolean("verified", verified()).object("check").string("name", check.name);
    out.measured("value", check.value).measured("tol", check.tol).string("hash", hash).end();
    out.array("warnings");
    for (const std::string& warning : warnings) out.string(nullptr, warning);
    if (left_out > 0)
      out.string(nullptr, std::to_string(left_out) + " figures and warnings are left out: the result was too long with them");
    return out.end().end().str();
  }

  // As json(), in kLongestResult bytes: cut off at some byte it would be no result at all.
  std::string fitting() const {
    std::string text = json();
    for (Result shorter = *this; text.size() > kLongestResult && shorter.shorten();) text = shorter.json();
    return text;
  }

 private:
  // Leaves out what can be missed best: names of GPUs but the first's, the last figure, the last warning. False: nothing is left.
  bool shorten() {
    if (gpu.uuids.size() > 1) {
      gpu.uuids.pop_back();
      return true;
    }
    if (figures.empty() && warnings.empty()) return false;
    if (figures.empty()) warnings.pop_back();
    else figures.pop_back();
    ++left_out;
    return true;
  }
};

// Publishes the result: on stdout, which has it whatever becomes of the termination log.
// Throws Failure(kNoData) where that cannot be written, but only says so of a result that is wrong: its exit code matters more.
inline void publish(const Result& result) {
  const std::string json = result.fitting();
  std::printf("COXSWAIN_RESULT %s\n", json.c_str());
  std::fflush(stdout);
  try {
    TerminationLog().write(json);
  } catch (const Failure& failure) {
    if (result.verified()) throw;
    std::fprintf(stderr, "%s: %s\n", result.kernel.c_str(), failure.what());
  }
}

}  // namespace cx
