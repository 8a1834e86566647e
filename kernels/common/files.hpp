// Whole files: written under a temporary name and renamed, so that a reader sees all of a file or none of it.
#pragma once
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "common/failure.hpp"

namespace cx {

namespace detail {
inline Failure cannot(const char* verb, const std::string& path) {
  return Failure(kNoData, std::string("cannot ") + verb + " " + path + ": " + std::strerror(errno));
}
}  // namespace detail

// Replaces `path` by `content`. Throws Failure(kNoData) with the system's reason.
inline void write_file(const std::string& path, const std::string& content) {
  const std::string temporary = path + ".tmp-" + std::to_string(getpid());
  std::FILE* file = std::fopen(temporary.c_str(), "wb");
  if (!file) throw detail::cannot("write", path);
  bool ok = std::fwrite(content.data(), 1, content.size(), file) == content.size();
  ok = std::fflush(file) == 0 && ok;
  ok = fsync(fileno(file)) == 0 && ok;  // the rename must not outlive the data
  ok = std::fclose(file) == 0 && ok;
  if (ok && std::rename(temporary.c_str(), path.c_str()) == 0) return;
  const Failure failure = detail::cannot("write", path);
  std::remove(temporary.c_str());
  throw failure;
}

// Makes one directory; fine if it is there already.
inline void make_directory(const std::string& path) {
  if (mkdir(path.c_str(), 0777) != 0 && errno != EEXIST) throw detail::cannot("make directory", path);
  if (access(path.c_str(), W_OK | X_OK) != 0) throw detail::cannot("write into", path);
}

inline bool is_directory(const std::string& path) {
  struct stat info{};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// Throws Failure(kNoData) with the system's reason.
inline std::string read_file(const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (!file) throw detail::cannot("read", path);
  struct stat info{};
  std::string content;
  if (fstat(fileno(file), &info) == 0) content.reserve(static_cast<std::size_t>(info.st_size));  // no second copy as it grows
  char piece[1 << 16];
  while (const std::size_t got = std::fread(piece, 1, sizeof piece, file)) content.append(piece, got);
  const bool failed = std::ferror(file) != 0;
  const Failure failure = detail::cannot("read", path);
  std::fclose(file);
  if (failed) throw failure;
  return content;
}

}  // namespace cx
