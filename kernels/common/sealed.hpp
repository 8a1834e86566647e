// Files that end with a checksum of all before it, written and read piece by piece: what is as large as the fields of a run is
// not held in memory a second time. The same bytes as Reader::of_file (bytes.hpp) reads whole.
#pragma once
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>

#include "common/failure.hpp"
#include "common/files.hpp"
#include "common/hash.hpp"

namespace cx {

namespace detail {
inline constexpr std::size_t kPiece = 1 << 20;  // bytes; of whole words, as the checksum takes them

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;
}  // namespace detail

// Bytes that either end of a sealed file holds at most.
inline constexpr double kSealedBytes = detail::kPiece;

// All throw Failure(kNoData) with the system's reason. A file that was not closed is not whole: the checksum is missing.
class SealedWriter {
 public:
  explicit SealedWriter(std::string path) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "wb")) {
    if (!file_) throw detail::cannot("write", path_);
    piece_.reserve(detail::kPiece);
  }

  template <typename T>
  SealedWriter& put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    return block(&value, sizeof value);
  }
  SealedWriter& text(const std::string& value) {
    return put(static_cast<std::uint64_t>(value.size())).block(value.data(), value.size());
  }
  SealedWriter& block(const void* data, std::size_t bytes) {
    for (const auto* from = static_cast<const char*>(data); bytes > 0;) {
      const std::size_t fits = std::min(bytes, detail::kPiece - piece_.size());
      piece_.append(from, fits);
      from += fits;
      bytes -= fits;
      if (piece_.size() == detail::kPiece) flush();
    }
    return *this;
  }

  // Adds the checksum; then the file has reached the disk.
  void close() {
    flush();
    const std::uint64_t value = checksum_.value();
    bool ok = std::fwrite(&value, sizeof value, 1, file_.get()) == 1;
    ok = ok && std::fflush(file_.get()) == 0 && fsync(fileno(file_.get())) == 0;
    ok = std::fclose(file_.release()) == 0 && ok;
    if (!ok) throw detail::cannot("write", path_);
  }

 private:
  void flush() {
    checksum_.add(piece_.data(), piece_.size());
    if (std::fwrite(piece_.data(), 1, piece_.size(), file_.get()) != piece_.size()) throw detail::cannot("write", path_);
    piece_.clear();
  }

  std::string path_, piece_;
  detail::File file_;
  Checksum checksum_;
};

// What is read is not to be trusted before finish().
class SealedReader {
 public:
  // Throws Failure(kNoData) where it cannot be read, Failure(kCorruptData) unless it has so many bytes and a checksum.
  SealedReader(std::string path, std::uint64_t bytes) : path_(std::move(path)), file_(std::fopen(path_.c_str(), "rb")), left_(bytes) {
    struct stat info{};
    if (!file_ || fstat(fileno(file_.get()), &info) != 0) throw detail::cannot("read", path_);
    const auto size = static_cast<std::uint64_t>(info.st_size);
    if (size != bytes + sizeof(std::uint64_t))
      throw corrupt((size < bytes ? "only " : "") + std::to_string(size) + " bytes, not " + std::to_string(bytes + 8));
    piece_.reserve(detail::kPiece);
  }

  template <typename T>
  T get() {
    static_assert(std::is_trivially_copyable_v<T>);
    T value;
    take(&value, sizeof value);
    return value;
  }

  // The next bytes; to nowhere if `to` is null. There must be so many.
  void take(void* to, std::size_t bytes) {
    for (auto* at = static_cast<char*>(to); bytes > 0;) {
      if (used_ == piece_.size()) refill();
      const std::size_t have = std::min(bytes, piece_.size() - used_);
      if (at) at = static_cast<char*>(std::memcpy(at, piece_.data() + used_, have)) + have;
      used_ += have;
      bytes -= have;
    }
  }

  // After the last byte. Throws Failure(kCorruptData) where the checksum is another.
  void finish() {
    std::uint64_t wanted = 0;
    if (std::fread(&wanted, sizeof wanted, 1, file_.get()) != 1) throw detail::cannot("read", path_);
    if (checksum_.value() != wanted) throw corrupt("the checksum differs");
  }

  Failure corrupt(const std::string& why) const { return Failure(kCorruptData, path_ + " is damaged: " + why); }

 private:
  void refill() {
    piece_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(detail::kPiece, left_)));
    errno = EIO;  // where it has become shorter since
    if (piece_.empty() || std::fread(piece_.data(), 1, piece_.size(), file_.get()) != piece_.size())
      throw detail::cannot("read", path_);
    checksum_.add(piece_.data(), piece_.size());
    left_ -= piece_.size();
    used_ = 0;
  }

  std::string path_, piece_;
  detail::File file_;
  std::uint64_t left_;
  std::size_t used_ = 0;
  Checksum checksum_;
};

}  // namespace cx
