// What the user asks of attn, and the work of a run from its arguments alone.
#pragma once
#include <string>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/work.hpp"
#include "common/wrong.hpp"

namespace attn {

inline constexpr long long kWidth = 128, kUnit = 64;  // of a head; of its length

struct Config {
  long long heads = 16, length = 8192, rounds = 10, ranks = 1;
  std::string path = "mma";
  cx::Backend backend;
  bool plan = false, help = false;
  cx::Wrong wrong;
};

inline cx::Args options(Config& config) {
  cx::Args args("attn",
                "attn: attention forward, softmax(Q K^T / sqrt(128)) V, bf16 with sums in fp32, heads of width 128; ranks\n"
                "share the heads. Checks some rows against double precision, and the weights of all. It has no CPU back end.");
  args.integer("--heads", config.heads, 1, 65'535, "heads, over the whole batch");
  args.integer("--length", config.length, kUnit, 1'048'576, "queries, and keys, of each head; a multiple of 64");
  args.integer("--rounds", config.rounds, 1, 1'000'000, "times that all heads are computed; the best counts");
  args.text("--path", config.path, "NAME", "mma or plain");
  config.backend.declare(args);
  args.flag("--plan", config.plan, "print the exact work as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 65'535, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // key | row | warp | head | sum
  return args;
}

inline void usage_error(const std::string& message) {
  throw cx::Failure(cx::kUsage, message);
}

inline void check(const Config& config) {
  config.backend.check();
  if (!config.backend.cuda() && !config.plan) usage_error("attn has no CPU back end: it needs --backend cuda");
  if (config.length % kUnit) usage_error("--length " + std::to_string(config.length) + " is not a multiple of 64");
  if (config.path != "mma" && config.path != "plain")
    usage_error("--path must be mma or plain, not \"" + config.path + "\"");
}

// Throws Failure(kUsage) when `ranks` cannot share the heads.
inline void check_ranks(const Config& config, long long ranks) {
  if (ranks > config.heads)
    usage_error(std::to_string(ranks) + " ranks do not fit --heads " + std::to_string(config.heads) +
                ": each takes at least one");
}

inline cx::Work work_of(double heads, double length) {
  cx::Work work;
  const double width = static_cast<double>(kWidth);
  work.flops = 4 * heads * length * length * width;              // two products; exponentials are not counted
  work.bytes_hbm = heads * length * width * (3 * 2 + 4);         // each read and written once, at best
  return work;
}

inline cx::Work planned(const Config& config) {
  cx::Work work = work_of(static_cast<double>(config.heads), static_cast<double>(config.length));
  work.flops *= static_cast<double>(config.rounds);
  work.bytes_hbm *= static_cast<double>(config.rounds);
  return work;
}

}  // namespace attn
