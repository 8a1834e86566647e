#include "ranks.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util.h"

static void rank_path(const struct config *c, const char *prefix, pid_t pid, char path[PATH_MAX]) {
  char name[32];
  snprintf(name, sizeof name, "ranks/%s%ld", prefix, (long)pid);
  config_path(c, name, path);
}

bool ranks_prepare(const struct config *c) {
  char path[PATH_MAX];
  config_path(c, "ranks", path);
  if (mkdir(path, 0755) != 0 && errno != EEXIST) return false;
  DIR *dir = opendir(path);
  if (dir == NULL) return false;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    if (e->d_name[0] != '.' || (e->d_name[1] != '\0' && e->d_name[1] != '.')) unlinkat(dirfd(dir), e->d_name, 0);
  }
  closedir(dir);
  return true;
}

bool ranks_enter(const struct config *c, pid_t program) {
  char draft[PATH_MAX], path[PATH_MAX], text[128];
  rank_path(c, ".", getpid(), draft);
  rank_path(c, "", getpid(), path);
  int n = snprintf(text, sizeof text, "%ld %llu %ld %llu\n", (long)getpid(), start_time(getpid()), (long)program,
                   start_time(program));
  int fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  bool written = write(fd, text, (size_t)n) == n;
  close(fd);
  return written && rename(draft, path) == 0;  // a reader never sees half a file
}

void ranks_leave(const struct config *c) {
  char path[PATH_MAX];
  rank_path(c, "", getpid(), path);
  unlink(path);
}

static bool signal_rank(int dir, const char *name, int signal) {
  char text[128];
  int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return false;
  ssize_t n = read(fd, text, sizeof text - 1);
  close(fd);
  text[n < 0 ? 0 : n] = '\0';
  long wrapper, program;
  unsigned long long wrapper_start, program_start;
  if (sscanf(text, "%ld %llu %ld %llu", &wrapper, &wrapper_start, &program, &program_start) != 4) return false;
  // The file lies where the user's program may write: never let it name init, a group, or ourselves.
  if (wrapper <= 1 || program <= 1 || wrapper == getpid() || program == getpid()) return false;
  bool wrapped = wrapper_start != 0 && start_time((pid_t)wrapper) == wrapper_start;
  bool runs = program_start != 0 && start_time((pid_t)program) == program_start;
  if (signal != 0 && wrapped) kill((pid_t)wrapper, signal);
  if (signal == SIGKILL && runs) kill((pid_t)-program, signal);
  return wrapped || runs;
}

int ranks_signal(const struct config *c, int signal) {
  char path[PATH_MAX];
  config_path(c, "ranks", path);
  DIR *dir = opendir(path);
  if (dir == NULL) return 0;
  int found = 0;
  for (struct dirent *e; (e = readdir(dir)) != NULL;) {
    if (e->d_name[0] != '.' && signal_rank(dirfd(dir), e->d_name, signal)) found++;
  }
  closedir(dir);
  return found;
}
