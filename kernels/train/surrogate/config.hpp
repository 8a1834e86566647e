// What the user asks of surrogate, and where this process stands among its peers.
#pragma once
#include <cstdlib>
#include <string>

#include "common/args.hpp"
#include "common/backend.hpp"
#include "common/checkpoints.hpp"
#include "common/wrong.hpp"

namespace surrogate {

// Samples whose gradients are summed in floating point by one rank, in order; above that sums are exact (fixed.hpp).
inline constexpr int kShard = 16;
// Of the products in bf16 at least so many; more for a batch of more than so many of these.
inline constexpr int kHalfShard = 256, kHalfShards = 16;

struct Config {
  std::string data = "/data", output, dtype = "fp32";
  cx::Backend backend;
  cx::CheckpointOptions checkpoints;
  cx::Wrong wrong;
  long long steps = 4000, batch = 256, width = 64, depth = 2, seed = 1, ranks = 1;
  double rate = 0.008, target = 0.1, timeout = 60;
  bool plan = false, help = false;

  bool half() const { return dtype == "bf16"; }
  // The same for every number of ranks, and a divisor of the batch if kHalfShard or kShard is one.
  int shard() const {
    if (!half()) return kShard;
    int shard = kHalfShard;
    while (batch >= 2LL * shard * kHalfShards && batch % (2LL * shard) == 0) shard *= 2;
    return shard;
  }
  long long shards() const { return batch / shard(); }
};

// Shards of a batch, or of the held-out samples.
struct Part {
  std::size_t begin, end;
  std::size_t size() const { return end - begin; }
};

// RANK and WORLD_SIZE if both are set, else NODE_RANK and NNODES, else alone.
struct Place {
  int rank = 0, ranks = 1;
  int local = 0;  // LOCAL_RANK: which GPU of the node
  std::string host = "127.0.0.1";
  int port = 29500;
};

inline cx::Args options(Config& config) {
  cx::Args args("surrogate",
                "surrogate: trains a small neural network on the data set of heat, data-parallel over TCP (no MPI).\n"
                "Learns (x, y, z, t, diffusivity) -> u and checks itself on fields it has never seen.\n"
                "Peers meet by MASTER_ADDR, MASTER_PORT, RANK, WORLD_SIZE (or NODE_RANK, NNODES).");
  args.text("--data", config.data, "PATH", "the data set heat.cxd or its directory; default from COXSWAIN_DATA");
  args.integer("--steps", config.steps, 1, 100'000'000, "optimizer steps");
  args.integer("--batch", config.batch, kShard, 16384, "samples per step over all ranks; a multiple of 16 (bf16: 256)");
  args.integer("--width", config.width, 1, 4096, "neurons per hidden layer");
  args.integer("--depth", config.depth, 1, 16, "hidden layers");
  args.positive("--rate", config.rate, "learning rate of Adam at the start; falls to 0");
  args.positive("--target", config.target, "largest validation RMSE, relative to the data's spread, that is verified");
  args.integer("--seed", config.seed, 0, 2'000'000'000, "of the initial weights and the order of samples");
  args.text("--dtype", config.dtype, "TYPE", "of the hidden layers' products: fp32; with --backend cuda also bf16");
  config.backend.declare(args);
  args.text("--output", config.output, "DIR", "write the trained network to DIR/surrogate.cxm");
  config.checkpoints.declare(args);
  args.positive("--timeout", config.timeout, "seconds of silence after which a peer counts as lost");
  args.flag("--plan", config.plan, "print the exact work of the training as JSON and do nothing");
  args.integer("--ranks", config.ranks, 1, 1024, "number of ranks, for --plan only");
  args.flag("--help", config.help, "this text");
  config.wrong.declare(args);  // gradient | allreduce
  return args;
}

inline void usage_error(const std::string& message) {
  throw cx::Failure(cx::kUsage, message);
}

// Throws Failure(kUsage) for what does not fit together.
inline void check(const Config& config, int ranks) {
  config.backend.check();
  if (config.dtype != "fp32" && !config.half())
    usage_error("--dtype must be fp32 or bf16, not \"" + config.dtype + "\"");
  if (config.half() && !config.backend.cuda()) usage_error("--dtype bf16 needs --backend cuda");
  const std::string least = std::to_string(config.shard());
  if (config.batch % config.shard())
    usage_error(least + " does not divide --batch " + std::to_string(config.batch));
  if (ranks > config.shards())
    usage_error(std::to_string(ranks) + " ranks do not fit --batch " + std::to_string(config.batch) +
                ": each takes at least " + least + " samples");
  if (config.wrong.is("allreduce") && ranks < 2) usage_error("--break allreduce needs at least 2 ranks");
}

namespace detail {
inline int environment(const char* name, int low, int high) {
  const char* text = std::getenv(name);
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  if (!*text || *end || value < low || value > high)
    usage_error(std::string(name) + " must be an integer between " + std::to_string(low) + " and " +
                std::to_string(high) + ", not \"" + text + "\"");
  return static_cast<int>(value);
}
}  // namespace detail

inline Place place_from_environment() {
  Place place;
  const bool ranked = std::getenv("RANK") && std::getenv("WORLD_SIZE");
  const char* rank = ranked ? "RANK" : "NODE_RANK";
  const char* ranks = ranked ? "WORLD_SIZE" : "NNODES";
  if (std::getenv(rank) && std::getenv(ranks)) {
    place.ranks = detail::environment(ranks, 1, 1024);
    place.rank = detail::environment(rank, 0, place.ranks - 1);
  }
  if (std::getenv("LOCAL_RANK")) place.local = detail::environment("LOCAL_RANK", 0, 1023);
  const char* host = std::getenv("MASTER_ADDR");
  if (host && *host) place.host = host;
  if (std::getenv("MASTER_PORT")) place.port = detail::environment("MASTER_PORT", 1, 65535);
  return place;
}

}  // namespace surrogate
