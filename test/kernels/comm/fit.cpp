// Fits the line of mpi/comm/fit.hpp to points: the arguments are their bytes and seconds by turns. Prints alpha, beta and error.
#include "mpi/comm/fit.hpp"

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  std::vector<comm::Point> points;
  for (int i = 1; i + 1 < argc; i += 2) points.push_back({std::atof(argv[i]), std::atof(argv[i + 1])});
  const comm::Line line = comm::fit(points);
  cx::Json json;
  json.object().number("alpha", line.alpha).number("beta", line.beta).number("error", line.error);
  std::puts(json.end().str().c_str());
}
