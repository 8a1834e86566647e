// surrogate: the training reference workload. See README.md next to this file.
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>

#include "common/result.hpp"
#include "train/surrogate/accelerator.hpp"
#include "train/surrogate/checkpoint.hpp"
#include "train/surrogate/cpu.hpp"
#include "train/surrogate/device.hpp"
#include "train/surrogate/gradient_check.hpp"
#include "train/surrogate/memory.hpp"
#include "train/surrogate/model.hpp"
#include "train/surrogate/trainer.hpp"

namespace surrogate {
namespace {

// What a run that resumes must have in common with the one that saved. The number of ranks is not part of it.
std::string problem_of(const Config& config, const cx::Dataset& data) {
  return "surrogate --steps " + std::to_string(config.steps) + " --batch " + std::to_string(config.batch) + " --width " +
         std::to_string(config.width) + " --depth " + std::to_string(config.depth) + " --seed " +
         std::to_string(config.seed) + " --rate " + cx::Args::shortest(config.rate) +
         (config.half() ? " --dtype bf16" : "") + " on the data set " +
         cx::hex(data.checksum);
}

// What must be equal on all ranks. The attempt is part of it: a rank left over from an earlier one may not join.
std::uint64_t run_hash(const Config& config, const Place& place, const cx::Dataset& data) {
  std::string text = problem_of(config, data) + '/' + std::to_string(place.ranks) + '/' + config.wrong.name();
  if (config.backend.cuda()) text += "/cuda";
  text += config.checkpoints.directory.empty() ? "" : '/' + std::to_string(config.checkpoints.every);
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

// This rank's part of the training for a GPU.
Task task_of(const Config& config, const Part& part) {
  const auto shard = static_cast<std::size_t>(config.shard());
  return {layer_sizes(config),
          config.half(),
          static_cast<std::size_t>(config.batch),
          part.begin * shard,
          part.size() * shard,
          shard,
          static_cast<std::uint64_t>(config.seed),
          config.rate,
          static_cast<double>(config.steps),
          config.wrong.is("gradient")};
}

// The weights as the training begins.
State beginning(const Config& config) {
  Mlp<float> network(layer_sizes(config));
  network.initialise(static_cast<std::uint64_t>(config.seed));
  return {0, network.parameters, Adam(network.parameters.size(), config.rate, config.steps)};
}

// Who trains, from the beginning, and whether its gradients are right.
std::unique_ptr<Engine> make_engine(const Config& config, const Samples& samples, Ring& ring, Accelerator& accelerator,
                                    cx::Check& check) {
  const Part part = ring.part(static_cast<std::size_t>(config.shards()));
  if constexpr (cx::gpu::kBuilt)
    if (accelerator.on()) {
      const Tables tables = samples.tables();
      const Task task = task_of(config, part);
      accelerator.join(ring, config.backend.share, device_bytes(task, tables));
      std::unique_ptr<Device> device = make_device(task, tables);
      device->set(beginning(config));
      Sums sums(parameter_count(task.sizes) + 1);
      device->first_shard(sums);
      check = GradientCheck(config, samples).of_sums(sums, part);
      return device;
    }
  check = GradientCheck(config, samples).of_template();
  auto cpu = std::make_unique<Cpu>(config, samples, part);
  cpu->set(beginning(config));
  return cpu;
}

cx::Exit run(const Config& config, const Place& place, double started) {
  Accelerator accelerator(config.backend, place);
  const std::string file = cx::is_directory(config.data) ? config.data + "/" + cx::kDatasetName : config.data;
  check_memory(config, place.ranks, file);
  const cx::Dataset data = cx::read_dataset(file);
  const Samples samples(data);
  Ring ring(place, run_hash(config, place, data), config.timeout);
  on_rank_0(ring, [&] {
    cx::TerminationLog().check();
    if (!config.output.empty()) cx::make_directory(config.output);
  });
  cx::Check gradient;
  const std::unique_ptr<Engine> engine = make_engine(config, samples, ring, accelerator, gradient);
  Checkpoint checkpoint(ring, config.checkpoints, problem_of(config, data));
  Trainer trainer(config, samples, ring, checkpoint, *engine);
  trainer.resume();
  accelerator.begin();
  const double ready = cx::now();
  trainer.train([&] { accelerator.sample(); });
  accelerator.end();
  const cx::Work work = trainer.all_work();
  const std::vector<float> parameters = engine->state().parameters;
  const std::uint64_t hash = hash_of(parameters);

  cx::Result result;
  result.kernel = "surrogate";
  result.ranks = result.nodes = place.ranks;  // one process per member: each is a node of its own to the contract
  const double error = trainer.validate();
  result.checks = {
      {"validation RMSE relative to the data's spread", error, config.target}, replica_check(ring, hash), gradient};
  result.work = work;
  result.hash = cx::hex(hash);
  double io = checkpoint.enabled() ? trainer.io_seconds : cx::kUnknown;
  if (place.rank == 0 && !config.output.empty() && result.verified()) {
    const double writing = cx::now();
    write_model(config.output, layer_sizes(config), parameters, samples, data.header.t_end);
    io = trainer.io_seconds + cx::now() - writing;
  }
  result.problem = [&](cx::Json& json) {
    json.integer("n", static_cast<long long>(samples.learned()))
        .integer("held_out", static_cast<long long>(samples.held()));
    json.integer("iters", config.steps)
        .integer("batch", config.batch)
        .integer("width", config.width)
        .integer("depth", config.depth);
    json.string("dtype", config.dtype).integer("seed", config.seed);
  };
  const long long steps = config.steps - trainer.first_step;  // none where a finished run was resumed: no time, no speed
  const double region = steps > 0 ? trainer.seconds : cx::kUnknown, comm = place.ranks > 1 ? trainer.comm_seconds : 0;
  result.seconds = {cx::now() - started, ready - started, region, region - comm, comm, io};
  result.steps = &trainer.times;
  result.fom = {"training speed", "samples/s", static_cast<double>(steps * config.batch) / region};
  accelerator.describe(ring, result);
  if (config.half()) result.warnings.push_back(std::string("--dtype bf16 is ") + cx::kNeverRun);
  if (trainer.first_step > 0)
    result.warnings.push_back("resumed from a checkpoint: times are of the last attempt alone");
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
