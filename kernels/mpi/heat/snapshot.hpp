// The data set for surrogate: every stride-th point of the field, sent to rank 0, which alone writes.
#pragma once
#include <mpi.h>
#include <algorithm>
#include <cstddef>
#include <vector>

#include "common/bytes.hpp"
#include "common/dataset.hpp"
#include "common/work.hpp"
#include "mpi/heat/block.hpp"
#include "mpi/heat/config.hpp"
#include "mpi/heat/samples.hpp"

namespace heat {

class Recorder {
 public:
  Recorder(const Config& config, const Triple& dims, MPI_Comm comm)
      : config_(config),
        dims_(dims),
        comm_(comm),
        stride_(static_cast<int>(config.stride)),
        points_(static_cast<std::size_t>(config.n / config.stride)) {
    MPI_Comm_rank(comm, &rank_);
    MPI_Comm_size(comm, &ranks_);
    cx::DatasetHeader& header = data_.header;
    std::copy_n(cx::kDatasetMagic, 8, header.magic);
    header.n = static_cast<std::uint32_t>(config.n);
    header.points = static_cast<std::uint32_t>(points_);
    header.stride = static_cast<std::uint32_t>(stride_);
    header.offset = static_cast<std::uint32_t>(stride_ / 2);
    header.runs = static_cast<std::uint32_t>(config.alphas.size());
    header.snapshots = static_cast<std::uint32_t>(config.snapshots);
    header.dt = config.dt();
    header.t_end = config.dt() * static_cast<double>(config.steps);
  }

  // Bytes that rank 0 will hold: the fields, and the same again while they are written.
  static double bytes(const Config& config) {
    const double points = static_cast<double>(config.n / config.stride);
    return 8.0 * points * points * points * static_cast<double>(config.alphas.size()) *
           static_cast<double>(config.snapshots);
  }

  bool due(long long step) const { return step % (config_.steps / config_.snapshots) == 0; }

  // Collective. Adds the field after `step` steps.
  void record(const Block& block, double alpha, long long step, cx::Work& work) {
    const Box own = box(rank_);
    std::vector<float> values = pack(block, own);
    if (rank_ != 0) {
      if (values.empty()) return;
      MPI_Send(values.data(), static_cast<int>(values.size()), MPI_FLOAT, 0, kTag, comm_);
      work.bytes_net += 4.0 * static_cast<double>(values.size());
      work.msgs += 1;
      return;
    }
    cx::Field field;
    field.diffusivity = alpha;
    field.time = config_.dt() * static_cast<double>(step);
    field.values.resize(points_ * points_ * points_);
    place(field, own, values);
    for (int rank = 1; rank < ranks_; ++rank) {
      const Box theirs = samples_of(box(rank), stride_);
      values.resize(count(theirs));
      if (values.empty()) continue;
      MPI_Recv(values.data(), static_cast<int>(values.size()), MPI_FLOAT, rank, kTag, comm_, MPI_STATUS_IGNORE);
      place(field, box(rank), values);
    }
    data_.fields.push_back(std::move(field));
  }

  // The fields so far, for a checkpoint, and back.
  std::size_t saved_bytes() const {
    return 8 + data_.fields.size() * (16 + points_ * points_ * points_ * sizeof(float));
  }
  void save(cx::Writer& out) const {
    out.put(static_cast<std::uint64_t>(data_.fields.size()));
    for (const cx::Field& field : data_.fields) {
      out.put(field.diffusivity).put(field.time);
      out.block(field.values.data(), field.values.size() * sizeof(float));
    }
  }
  void restore(cx::Reader& in) {
    data_.fields.resize(in.get<std::uint64_t>());
    for (cx::Field& field : data_.fields) {
      field.diffusivity = in.get<double>();
      field.time = in.get<double>();
      field.values.resize(points_ * points_ * points_);
      const std::size_t bytes = field.values.size() * sizeof(float);
      std::memcpy(field.values.data(), in.take(bytes), bytes);
    }
  }

  void clear() { data_.fields.clear(); }  // before the next repetition
  void write() const { cx::write_dataset(config_.output, data_); }

 private:
  static constexpr int kTag = 100;  // the halo uses 0 to 5

  Box box(int rank) const { return box_of(static_cast<int>(config_.n), dims_, rank); }

  std::vector<float> pack(const Block& block, const Box& own) const {
    const Box samples = samples_of(own, stride_);
    std::vector<float> values;
    values.reserve(count(samples));
    const auto local = [&](int axis, int sample) { return stride_ / 2 + sample * stride_ - own[axis].begin; };
    for (int z = samples[2].begin; z < samples[2].end; ++z)
      for (int y = samples[1].begin; y < samples[1].end; ++y)
        for (int x = samples[0].begin; x < samples[0].end; ++x)
          values.push_back(static_cast<float>(block.at(local(0, x), local(1, y), local(2, z))));
    return values;
  }

  void place(cx::Field& field, const Box& theirs, const std::vector<float>& values) const {
    const Box samples = samples_of(theirs, stride_);
    std::size_t next = 0;
    for (int z = samples[2].begin; z < samples[2].end; ++z)
      for (int y = samples[1].begin; y < samples[1].end; ++y)
        for (int x = samples[0].begin; x < samples[0].end; ++x)
          field.values[(static_cast<std::size_t>(z) * points_ + static_cast<std::size_t>(y)) * points_ +
                       static_cast<std::size_t>(x)] = values[next++];
  }

  const Config& config_;
  Triple dims_;
  MPI_Comm comm_;
  int stride_, rank_ = 0, ranks_ = 1;
  std::size_t points_;
  cx::Dataset data_;
};

}  // namespace heat
