// Plain values and strings, one after another, as the state of a run is saved. Little-endian, as the machines are.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include "common/failure.hpp"
#include "common/files.hpp"
#include "common/hash.hpp"

namespace cx {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the formats are little-endian");

class Writer {
 public:
  Writer() = default;
  explicit Writer(std::size_t expected) { bytes_.reserve(expected); }  // no second copy as it grows

  template <typename T>
  Writer& put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    return *this;
  }
  Writer& text(const std::string& value) {
    put(static_cast<std::uint64_t>(value.size()));
    bytes_ += value;
    return *this;
  }
  Writer& block(const void* data, std::size_t bytes) {
    bytes_.append(static_cast<const char*>(data), bytes);
    return *this;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
};

// Reads what a Writer wrote. `what` names the source in failures: Failure(kCorruptData) when there is less than asked for.
class Reader {
 public:
  Reader(std::string bytes, std::string what) : bytes_(std::move(bytes)), what_(std::move(what)) {}

  // A file whose last 8 bytes are the checksum of the others (sealed.hpp).
  static Reader of_file(const std::string& path) {
    std::string bytes = read_file(path);
    Reader reader(std::string(), path);
    if (bytes.size() < 8) throw reader.corrupt("only " + std::to_string(bytes.size()) + " bytes");
    std::uint64_t wanted;
    std::memcpy(&wanted, bytes.data() + bytes.size() - 8, 8);
    bytes.resize(bytes.size() - 8);
    Checksum checksum;
    checksum.add(bytes.data(), bytes.size());
    if (checksum.value() != wanted) throw reader.corrupt("the checksum differs");
    reader.bytes_ = std::move(bytes);
    return reader;
  }

  template <typename T>
  T get() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, take(sizeof value), sizeof value);
    return value;
  }
  std::string text() {
    const auto size = get<std::uint64_t>();
    return std::string(take(size), size);
  }
  // The next `bytes` bytes; valid while the reader lives.
  const char* take(std::uint64_t bytes) {
    if (bytes > bytes_.size() - at_) throw corrupt("it is too short");
    const char* here = bytes_.data() + at_;
    at_ += bytes;
    return here;
  }

  Failure corrupt(const std::string& why) const { return Failure(kCorruptData, what_ + " is damaged: " + why); }

 private:
  std::string bytes_, what_;
  std::size_t at_ = 0;
};

}  // namespace cx
