// The folder of a run's checkpoints, as the job's checkpoint contract has it: each is a folder of its own, made under a
// temporary name and renamed when whole; only then its name goes into the file LATEST, which readers trust alone.
#pragma once
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "common/args.hpp"
#include "common/files.hpp"
#include "common/hash.hpp"

namespace cx {

struct CheckpointOptions {
  std::string directory;
  long long every = 0;

  void declare(Args& args) {
    const char* given = std::getenv("CHECKPOINT_DIR");
    if (given) directory = given;
    args.text("--checkpoint", directory, "DIR",
              "save the state there on SIGUSR1 and SIGTERM, and resume from it; from CHECKPOINT_DIR");
    args.integer("--checkpoint-every", every, 0, 1'000'000'000, "also save every N steps; 0: only when asked");
  }
};

class CheckpointFolder {
 public:
  CheckpointFolder(std::string kernel, std::string directory)
      : kernel_(std::move(kernel)), directory_(std::move(directory)) {}

  // The checkpoint to resume from, empty for none: what RESUME_FROM names, else LATEST.
  // Throws Failure(kNoData) for one that is not there and for a LATEST that cannot be read, Failure(kCorruptData) for a name that
  // leads out of the folder and for a LATEST that names none: to begin anew then would be to lose what was saved.
  std::string to_resume() const {
    const char* given = std::getenv("RESUME_FROM");
    const std::string name = given ? first_line(given) : latest();
    if (name.empty()) return name;
    if (name.find('/') != std::string::npos || name[0] == '.')
      throw Failure(kCorruptData, "\"" + name + "\" is no checkpoint in " + directory_);
    if (!is_directory(path(name))) throw Failure(kNoData, "checkpoint " + path(name) + " is not there");
    return name;
  }

  // Makes the folder, and removes what earlier attempts left unfinished. What they saved stays until something newer is saved,
  // also where nothing is resumed.
  void prepare(const std::string& resumed) {
    make_directory(directory_);
    previous_ = resumed;
    try {
      if (resumed.empty()) previous_ = latest();
    } catch (const Failure&) {  // who begins anew has no need of it
    }
    for (const std::string& name : names()) {
      if (unfinished(name)) remove(name);
      else if (name != previous_) outdated_.push_back(name);
    }
  }

  // Starts a checkpoint: where its files go until publish().
  std::string begin(long long step) {
    char text[96];
    const auto ticks = std::chrono::system_clock::now().time_since_epoch().count();
    const std::uint64_t unique = scramble(static_cast<std::uint64_t>(ticks) ^ static_cast<std::uint64_t>(getpid()));
    std::snprintf(text, sizeof text, "-%012lld-%08llx", step, static_cast<unsigned long long>(unique >> 32));
    name_ = kernel_ + text;
    make_directory(path(name_ + ".tmp"));
    return path(name_ + ".tmp");
  }

  // Makes what lies in begin()'s folder the latest checkpoint, and removes those before the last; of another attempt, which may still
  // write from a node that was given up, only what was there before this one.
  void publish() {
    const std::string from = path(name_ + ".tmp"), to = path(name_);
    flush(from);
    if (std::rename(from.c_str(), to.c_str()) != 0) throw detail::cannot("rename", from);
    flush(directory_);
    write_file(directory_ + "/LATEST", name_ + "\n");
    for (const std::string& name : outdated_) remove(name);
    outdated_.clear();
    if (!previous_.empty()) outdated_.push_back(previous_);
    previous_ = name_;
  }

  std::string path(const std::string& name) const { return directory_ + "/" + name; }

 private:
  // A rename is safe only once the folder itself has reached the disk. File systems without that may refuse: no matter.
  static void flush(const std::string& folder) {
    const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY);
    if (descriptor < 0) return;
    fsync(descriptor);
    close(descriptor);
  }

  static std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

  // What LATEST names; empty where there is no such file.
  std::string latest() const {
    const std::string file = path("LATEST");
    if (access(file.c_str(), F_OK) != 0 && errno == ENOENT) return "";
    const std::string name = first_line(read_file(file));
    if (name.empty() || name[0] == '\0')  // as a machine leaves it that lost its power
      throw Failure(kCorruptData,
                    file + " names no checkpoint: write the name of one into it, or remove it to begin anew");
    return name;
  }

  static bool unfinished(const std::string& name) { return name.find(".tmp") != std::string::npos; }

  // Checkpoints, and what was to become one or LATEST.
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    DIR* folder = opendir(directory_.c_str());
    if (!folder) return found;
    while (const dirent* entry = readdir(folder)) {
      const std::string name = entry->d_name;
      if (name.rfind(kernel_ + "-", 0) == 0 || name.rfind("LATEST.tmp", 0) == 0) found.push_back(name);
    }
    closedir(folder);
    return found;
  }

  // Files only: checkpoints have no folders in them. What cannot be removed stays; it is named by nothing.
  void remove(const std::string& name) const {
    if (DIR* folder = opendir(path(name).c_str())) {
      while (const dirent* entry = readdir(folder)) unlink((path(name) + "/" + entry->d_name).c_str());
      closedir(folder);
    }
    std::remove(path(name).c_str());
  }

  std::string kernel_, directory_, name_, previous_;
  std::vector<std::string> outdated_;
};

}  // namespace cx
