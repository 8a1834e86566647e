// What the user asks of stream, the blocks that ranks share out, and the work of a run from its arguments alone.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/work.hpp"
#include "common/wrong.hpp"

namespace stream {

struct Config {
  long long n = 32'000'000, rounds = 20, ranks = 1;
  cx::Backend backend;
  bool compare = false, plan = false, help = false;
  cx::Wrong wrong;
};

// What each operation does per element; copy, mul, add and triad as in McCalpin's STREAM, dot as in BabelStream.
struct Operation {
  const char* name;
  double flops, bytes;
};
inline constexpr std::array<Operation, 5> kOperations = {
    {{"copy", 0, 16}, {"mul", 1, 16}, {"add", 1, 24}, {"triad", 2, 24}, {"dot", 2, 16}}};
inline constexpr std::size_t kTriad = 3, kDot = 4;

// Ranks own whole blocks, and dot adds by block in the order of blocks: the same bits for every number of ranks.
inline constexpr long long kBlock = 4096;

inline long long blocks(const Config& config) {
  return (config.n + kBlock - 1) / kBlock;
}

// The first element of rank `rank`; that of rank `ranks` is n.
inline long long first(const Config& config, int ranks, int rank) {
  return std::min(config.n, blocks(config) * rank / ranks * kBlock);
}

inline cx::Args options(Config& config) {
  cx::Args args("stream",
                "stream: main-memory bandwidth by copy, mul, add, triad and dot over three arrays of doubles, with MPI\n"
                "ranks side by side. Checks every element against the closed form.");
  args.integer("--n", config.n, 1, 1'000'000'000'000, "elements of each array, over all ranks");
  args.integer("--rounds", config.rounds, 2, 100'000, "times that the five are run; the best counts, the first does not");
  config.backend.declare(args);
  args.flag("--compare", config.compare, "also time independent read and write loops, and report their best");
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 1'000'000, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // shift | scalar | dot
  return args;
}

// Throws Failure(kUsage) when `ranks` cannot share the arrays.
inline void check(const Config& config) { config.backend.check(); }

inline void check_ranks(const Config& config, long long ranks) {
  if (ranks > blocks(config))
    throw cx::Failure(cx::kUsage, std::to_string(ranks) + " ranks do not fit --n " + std::to_string(config.n) +
                                      ": each takes at least a block of 4096 elements; raise --n");
}

inline cx::Work planned(const Config& config) {
  cx::Work work;
  const double elements = static_cast<double>(config.n) * static_cast<double>(config.rounds);
  for (const Operation& operation : kOperations) {
    work.flops += operation.flops * elements;
    work.bytes_hbm += operation.bytes * elements;
  }
  // dot: every rank tells every other the sums of its blocks.
  const double others = static_cast<double>(config.ranks - 1), rounds = static_cast<double>(config.rounds);
  work.bytes_net = rounds * 8 * static_cast<double>(blocks(config)) * others;
  work.msgs = rounds * static_cast<double>(config.ranks) * others;
  return work;
}

}  // namespace stream
