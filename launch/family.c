#include "family.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "util.h"

enum { DEPTH_MAX = 64, WINDOW = 4096 };

static pid_t parent_of(pid_t pid) {
  char path[64], stat[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  if (read_small_file(path, stat, sizeof stat) < 0) return 0;
  // The program's name in brackets may hold anything: after the last one come the state and the parent.
  const char *at = strrchr(stat, ')');
  long parent;
  return at != NULL && sscanf(at + 1, " %*c %ld", &parent) == 1 ? (pid_t)parent : 0;
}

static bool descends_from_us(pid_t pid) {
  for (int depth = 0; pid > 1 && depth < DEPTH_MAX; depth++) {
    pid = parent_of(pid);
    if (pid == getpid()) return true;
  }
  return false;
}

// Whether one of the words, each ended by NUL, begins with a name that numbers a rank. A word that the window cuts is kept
// for the next piece, however long the environment is.
static bool numbered(pid_t pid) {
  static const char *const names[] = {"OMPI_COMM_WORLD_RANK=", "PMI_RANK="};
  char path[64], window[WINDOW];
  snprintf(path, sizeof path, "/proc/%ld/environ", (long)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  bool found = false, fresh = true;  // fresh: the window begins with the beginning of a word
  size_t held = 0;
  for (ssize_t n; !found && (n = read(fd, window + held, sizeof window - 1 - held)) > 0;) {
    held += (size_t)n;
    window[held] = '\0';
    char *at = window;
    for (char *end; !found && (end = memchr(at, '\0', held - (size_t)(at - window))) != NULL; at = end + 1, fresh = true) {
      for (size_t i = 0; fresh && i < sizeof names / sizeof *names; i++) found |= strncmp(at, names[i], strlen(names[i])) == 0;
    }
    held -= (size_t)(at - window);
    memmove(window, at, held);
    if (held == sizeof window - 1) {  // a very long word, and none of ours
      held = 0;
      fresh = false;
    }
  }
  close(fd);
  return found;
}

int family_signal_ranks(int signal) {
  DIR *dir = opendir("/proc");
  if (dir == NULL) return 0;
  int found = 0;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    int number;
    if (!parse_int(e->d_name, 2, 1 << 30, &number) || !descends_from_us(number)) continue;
    if (!numbered(number) || numbered(parent_of(number))) continue;
    found++;
    if (signal != 0) kill(number, signal);
  }
  closedir(dir);
  return found;
}
