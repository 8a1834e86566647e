// Publishes the result of a cg on so many GPUs, with so many figures and warnings (the arguments), each as long as they come.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "common/result.hpp"

int main(int, char** argv) {
  cx::Result result;
  result.kernel = "cg";
  result.ranks = result.ranks_per_node = 8;
  result.seconds = {123.456, 12.3456, 123.456, 123.456, 12.3456, 1.23456};
  result.fom = {"solver speed", "GFLOP/s", 12345.6};
  result.problem = [](cx::Json& json) { json.integer("n", 2048).string("preconditioner", "chebyshev"); };
  result.work = {1.2345678901234567e18, 1.2345678901234567e18, 1.2345678901234567e18, 123456789};
  result.checks = {{"error in the norm of A relative to the first", 1.23456e-10, 1.23456e-9}};
  result.hash = "0123456789abcdef";
  result.backend = "cuda";
  result.compiler = "13.0.88";
  result.gpu.count = std::atoi(argv[1]);
  result.gpu.name = "NVIDIA H200 Example 141GB";
  for (int gpu = 0; gpu < result.gpu.count; ++gpu) {
    char uuid[48];
    std::snprintf(uuid, sizeof uuid, "GPU-01234567-89ab-cdef-0123-%012d", gpu);
    result.gpu.uuids.push_back(uuid);
  }
  for (int figure = 0; figure < std::atoi(argv[2]); ++figure)
    result.figures.push_back({"a_figure_" + std::to_string(figure), 1234.56, "of the right-hand side"});
  for (int warning = 0; warning < std::atoi(argv[3]); ++warning)
    result.warnings.push_back("warning " + std::to_string(warning) + " of things that a user should know of this run");
  publish(result);
}
