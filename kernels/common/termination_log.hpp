// Where a result goes beside stdout: the file that COXSWAIN_TERMINATION_LOG names, else the one that the kubelet has put there.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <string>

#include "common/failure.hpp"
#include "common/files.hpp"

namespace cx {

class TerminationLog {
 public:
  // Rank 0, before the work. Throws Failure(kNoData) where the log could not be written after it.
  void check() const {
    struct stat info{};
    const bool there = stat(path_.c_str(), &info) == 0;
    // A device or a pipe is not opened twice: who reads it would see an end.
    if (there ? !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode) : !named_) return;
    close(open(0));
    if (!there) unlink(path_.c_str());  // an empty one would be taken for a result
  }

  // Throws Failure(kNoData) with the system's reason.
  void write(const std::string& text) const {
    if (!named_ && access(path_.c_str(), F_OK) != 0) return;
    const int file = open(O_TRUNC);
    errno = ENOSPC;  // the reason where less is written than was asked for
    const bool ok = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const Failure failure = cannot();
    if (close(file) != 0) throw cannot();
    if (!ok) throw failure;
  }

 private:
  static bool given() {
    const char* path = std::getenv("COXSWAIN_TERMINATION_LOG");
    return path && *path;
  }

  int open(int more) const {
    const int file = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC | (named_ ? O_CREAT : 0) | more, 0666);
    if (file < 0) throw cannot();
    return file;
  }

  Failure cannot() const { return detail::cannot("write the result to", path_); }

  bool named_ = given();
  std::string path_ = named_ ? std::getenv("COXSWAIN_TERMINATION_LOG") : "/dev/termination-log";
};

}  // namespace cx
