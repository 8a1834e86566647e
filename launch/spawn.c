#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static struct rlimit files;
static sigset_t mask;

void spawn_prepare(void) {
  sigprocmask(SIG_SETMASK, NULL, &mask);
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  struct rlimit all = {.rlim_cur = files.rlim_max, .rlim_max = files.rlim_max};
  setrlimit(RLIMIT_NOFILE, &all);
}

static void report(int fd, int error) {
  ssize_t n = write(fd, &error, sizeof error);
  (void)n;  // the parent then sees only exit code 127
}

// As prctl, but never too late: the parent may have died before it took effect.
static void bind_to(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
}

static _Noreturn void become(char *const argv[], const int stdio[3], int gate, int status) {
  setpgid(0, 0);
  char byte;
  ssize_t n = 1;
  while (gate >= 0 && (n = read(gate, &byte, 1)) < 0 && errno == EINTR) continue;
  if (n != 1) _exit(127);
  for (int i = 0; i < 3; i++) {
    if (stdio[i] >= 0 && dup2(stdio[i], i) < 0) _exit(127);
  }
  for (int s = 1; s < NSIG; s++) signal(s, SIG_DFL);
  sigprocmask(SIG_SETMASK, &mask, NULL);
  if (files.rlim_max > 0) setrlimit(RLIMIT_NOFILE, &files);
  execvp(argv[0], argv);
  report(status, errno);
  _exit(127);
}

pid_t spawn(char *const argv[], const int stdio[3], int gate, int *status) {
  int pipe_fds[2];
  if (pipe2(pipe_fds, O_CLOEXEC) != 0) return -1;
  pid_t parent = getpid();
  pid_t pid = fork();
  if (pid == 0) {
    close(pipe_fds[0]);
    bind_to(parent);
    become(argv, stdio, gate, pipe_fds[1]);
  }
  int error = errno;
  close(pipe_fds[1]);
  if (pid < 0) {
    close(pipe_fds[0]);
    errno = error;
    return -1;
  }
  setpgid(pid, pid);  // both sides set it, so that it is set whoever runs first
  *status = pipe_fds[0];
  return pid;
}

int spawn_error(int status) {
  int error = 0;
  ssize_t n;
  do n = read(status, &error, sizeof error);
  while (n < 0 && errno == EINTR);
  close(status);
  return n == (ssize_t)sizeof error ? error : 0;
}
