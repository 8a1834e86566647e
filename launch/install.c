// The init container's step: this binary into the folder that it shares with the program's container.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cx.h"
#include "util.h"

static bool copy_bytes(int from, int to) {
  char chunk[65536];
  for (;;) {
    ssize_t n = read(from, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n == 0;
    for (ssize_t done = 0; done < n;) {
      ssize_t w = write(to, chunk + done, (size_t)(n - done));
      if (w < 0 && errno == EINTR) continue;
      if (w < 0) return false;
      done += w;
    }
  }
}

int install_main(int argc, char **argv) {
  char draft[PATH_MAX], path[PATH_MAX];
  if (argc != 1 || strlen(argv[0]) > PATH_MAX - 32) {
    say("install: one folder is needed");
    return 64;
  }
  snprintf(path, sizeof path, "%.4000s/cx-launch", argv[0]);
  snprintf(draft, sizeof draft, "%.4000s/.cx-launch.new", argv[0]);
  int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  int to = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
  // fchmod: the mask of the init container must not take the right to run it from another user id.
  bool done = from >= 0 && to >= 0 && copy_bytes(from, to) && fchmod(to, 0755) == 0;
  if (to >= 0 && close(to) != 0) done = false;
  if (from >= 0) close(from);
  if (done && rename(draft, path) == 0) return 0;
  say("install: %s: %s", path, strerror(errno));
  return CX_EXIT_LAUNCH;
}
