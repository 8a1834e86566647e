// The data set that heat writes and surrogate learns from: one file, heat.cxd, little-endian.
//
//   header   : struct DatasetHeader (64 bytes)
//   per field: f64 diffusivity, f64 time, then points^3 f32 values, x fastest (fields = runs * snapshots)
//   trailer  : u64 checksum of all bytes before it (common/hash.hpp)
//
// Sample i of an axis lies at the grid point offset + i * stride, that is at (offset + i * stride + 1) / (n + 1) in [0, 1].
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "common/failure.hpp"
#include "common/files.hpp"
#include "common/hash.hpp"

namespace cx {

struct DatasetHeader {
  char magic[8];         // "CXHEAT1\n"
  std::uint32_t n;       // interior grid points per axis of the solver
  std::uint32_t points;  // samples per axis
  std::uint32_t stride, offset;
  std::uint32_t runs;       // diffusivities
  std::uint32_t snapshots;  // per run
  double t_end;             // time of the last snapshot
  double dt;                // the solver's time step
  std::uint8_t reserved[16];
};
static_assert(sizeof(DatasetHeader) == 64);
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the format is little-endian");

struct Field {
  double diffusivity = 0, time = 0;
  std::vector<float> values;  // points^3
};

struct Dataset {
  DatasetHeader header{};
  std::vector<Field> fields;
  std::uint64_t checksum = 0;

  double coordinate(std::uint32_t sample) const {
    return (header.offset + static_cast<double>(sample) * header.stride + 1.0) / (header.n + 1.0);
  }
};

inline constexpr char kDatasetMagic[] = "CXHEAT1\n";
inline constexpr char kDatasetName[] = "heat.cxd";

// Writes DIR/heat.cxd whole or not at all. Throws Failure(kNoData).
inline void write_dataset(const std::string& directory, const Dataset& data) {
  std::string bytes(reinterpret_cast<const char*>(&data.header), sizeof data.header);
  for (const Field& field : data.fields) {
    bytes.append(reinterpret_cast<const char*>(&field.diffusivity), 8);
    bytes.append(reinterpret_cast<const char*>(&field.time), 8);
    bytes.append(reinterpret_cast<const char*>(field.values.data()), field.values.size() * sizeof(float));
  }
  Checksum checksum;
  checksum.add(bytes.data(), bytes.size());
  const std::uint64_t value = checksum.value();
  bytes.append(reinterpret_cast<const char*>(&value), 8);
  write_file(directory + "/" + kDatasetName, bytes);
}

// Reads a data set; `path` is the file or its directory.
// Throws Failure(kNoData) if it is not there, Failure(kCorruptData) if it is not whole.
inline Dataset read_dataset(const std::string& path) {
  const std::string file = is_directory(path) ? path + "/" + kDatasetName : path;
  const std::string bytes = read_file(file);
  const auto corrupt = [&](const std::string& why) {
    return Failure(kCorruptData, file + " is not a whole data set of heat: " + why);
  };
  Dataset data;
  if (bytes.size() < sizeof data.header + 8) throw corrupt("only " + std::to_string(bytes.size()) + " bytes");
  std::memcpy(&data.header, bytes.data(), sizeof data.header);
  const DatasetHeader& h = data.header;
  if (std::memcmp(h.magic, kDatasetMagic, 8) != 0) throw corrupt("wrong magic");
  // Bounds before products: a damaged header must not overflow the size computed from it.
  if (h.n == 0 || h.n > 65536 || h.points == 0 || h.points > h.n || h.runs == 0 || h.runs > 65536 || h.snapshots == 0 ||
      h.snapshots > 65536 || h.offset >= h.n)
    throw corrupt("impossible header");
  const std::size_t values = static_cast<std::size_t>(h.points) * h.points * h.points;
  const std::size_t fields = static_cast<std::size_t>(h.runs) * h.snapshots;
  const double expected =
      static_cast<double>(sizeof h) + static_cast<double>(fields) * (16 + 4.0 * static_cast<double>(values)) + 8;
  if (static_cast<double>(bytes.size()) != expected)
    throw corrupt(std::to_string(bytes.size()) + " bytes, its header says otherwise");
  Checksum checksum;
  checksum.add(bytes.data(), bytes.size() - 8);
  std::memcpy(&data.checksum, bytes.data() + bytes.size() - 8, 8);
  if (checksum.value() != data.checksum) throw corrupt("the checksum differs");
  std::size_t at = sizeof h;
  for (std::size_t i = 0; i < fields; ++i) {
    Field field;
    std::memcpy(&field.diffusivity, &bytes[at], 8);
    std::memcpy(&field.time, &bytes[at + 8], 8);
    field.values.resize(values);
    std::memcpy(field.values.data(), &bytes[at + 16], 4 * values);
    at += 16 + 4 * values;
    data.fields.push_back(std::move(field));
  }
  return data;
}

}  // namespace cx
