// surrogate: the training reference workload. See README.md next to this file.
#include <sys/stat.h>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "common/memory.hpp"
#include "common/result.hpp"
#include "train/surrogate/gradient_check.hpp"
#include "train/surrogate/model.hpp"
#include "train/surrogate/trainer.hpp"

namespace surrogate {
namespace {

cx::Dataset load(const Config& config) {
  struct stat info{};
  const std::string file = cx::is_directory(config.data) ? config.data + "/" + cx::kDatasetName : config.data;
  // Twice: the bytes as read, and the fields made from them.
  if (stat(file.c_str(), &info) == 0 && 2.0 * static_cast<double>(info.st_size) > cx::available_memory())
    throw cx::Failure(cx::kTooLarge, "too large: " + file + " does not fit in memory twice");
  return cx::read_dataset(file);
}

// What must be equal on all ranks. The attempt is part of it: a rank left over from an earlier one may not join.
std::uint64_t run_hash(const Config& config, const Place& place, const cx::Dataset& data) {
  std::string text = std::to_string(data.checksum) + '/' + std::to_string(place.ranks) + '/' + config.wrong.name();
  for (const long long value : {config.steps, config.batch, config.width, config.depth, config.seed})
    text += '/' + std::to_string(value);
  text += '/' + std::to_string(config.rate);
  for (const char* name : {"COXSWAIN_JOB", "COXSWAIN_ATTEMPT"})
    if (const char* value = std::getenv(name)) (text += '/') += value;
  cx::Checksum hash;
  hash.add(text.data(), text.size());
  return hash.value();
}

std::uint64_t hash_of(const std::vector<float>& parameters) {
  cx::Checksum hash;
  hash.add(parameters.data(), parameters.size() * sizeof(float));
  return hash.value();
}

// Collective: how many ranks hold other weights than rank 0.
cx::Check replica_check(Ring& ring, std::uint64_t hash) {
  Sums hashes(static_cast<std::size_t>(ring.ranks()));
  hashes[static_cast<std::size_t>(ring.rank())] = static_cast<std::int64_t>(hash);
  ring.allreduce(hashes);
  double differing = 0;
  for (const std::int64_t other : hashes) differing += other != hashes.front();
  return {"replicas that differ from rank 0", differing, 0};
}

// Collective. The sum over ranks of a count below 2^53 each, exact as an integer.
double total(Ring& ring, double count) {
  Sums sums = {static_cast<std::int64_t>(count)};
  ring.allreduce(sums);
  return static_cast<double>(sums[0]);
}

cx::Exit run(const Config& config, const Place& place, double started) {
  const cx::Dataset data = load(config);
  const Samples samples(data);
  const cx::Check gradient = gradient_check(config, samples);
  Ring ring(place, run_hash(config, place, data), config.timeout);
  const double ready = cx::now();
  Trainer trainer(config, samples, ring);
  trainer.train();
  const std::uint64_t hash = hash_of(trainer.network.parameters);

  cx::Result result;
  result.kernel = "surrogate";
  result.ranks = result.nodes = place.ranks;  // one process per member: each is a node of its own to the contract
  const double error = trainer.validate();
  result.checks = {
      {"validation RMSE relative to the data's spread", error, config.target}, replica_check(ring, hash), gradient};
  result.work = {total(ring, trainer.work.flops), total(ring, trainer.work.bytes_hbm),
                 total(ring, trainer.work.bytes_net), total(ring, trainer.work.msgs)};
  result.hash = cx::hex(hash);
  double io = cx::kUnknown;
  if (place.rank == 0 && !config.output.empty() && result.verified()) {
    const double writing = cx::now();
    write_model(config.output, layer_sizes(config), trainer.network.parameters, samples, data.header.t_end);
    io = cx::now() - writing;
  }
  result.problem = [&](cx::Json& json) {
    json.integer("n", static_cast<long long>(samples.learned()))
        .integer("held_out", static_cast<long long>(samples.held()));
    json.integer("iters", config.steps)
        .integer("batch", config.batch)
        .integer("width", config.width)
        .integer("depth", config.depth);
    json.string("dtype", "fp32").integer("seed", config.seed);
  };
  const double comm = place.ranks > 1 ? trainer.comm_seconds : 0;
  result.seconds = {cx::now() - started, ready - started, trainer.seconds, trainer.seconds - comm, comm, io};
  result.steps = &trainer.times;
  result.fom = {"training speed", "samples/s",
                static_cast<double>(config.steps) * static_cast<double>(config.batch) / trainer.seconds};
  if (place.rank == 0) publish(result);
  return result.verified() ? cx::kOk : cx::kUnverified;
}

}  // namespace
}  // namespace surrogate

int main(int argc, char** argv) {
  const double started = cx::now();
  surrogate::Place place;
  try {
    surrogate::Config config;
    const char* data = std::getenv("COXSWAIN_DATA");
    if (data && *data) config.data = data;
    cx::Args args = surrogate::options(config);
    args.parse(argc, argv);
    if (config.help) return std::puts(args.help().c_str()), cx::kOk;
    if (config.plan) {
      surrogate::check(config, static_cast<int>(config.ranks));
      cx::Json json;
      json.object();
      surrogate::planned(config, static_cast<int>(config.ranks)).write(json);
      return std::puts(json.end().str().c_str()), cx::kOk;
    }
    place = surrogate::place_from_environment();
    surrogate::check(config, place.ranks);
    cx::watch_signals();
    return surrogate::run(config, place, started);
  } catch (const cx::Failure& failure) {
    // Every rank speaks: each runs in a container of its own, and the others' logs are elsewhere.
    std::fprintf(stderr, "surrogate: %s\n", failure.what());
    return failure.code();
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "surrogate: out of memory\n");
    return cx::kTooLarge;
  }
}
