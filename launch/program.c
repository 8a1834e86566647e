#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "spawn.h"
#include "util.h"

static void close_all(const int *fds, int n) {
  for (int i = 0; i < n; i++) {
    if (fds[i] >= 0) close(fds[i]);
  }
}

static bool fail(struct program *p, int error) {
  p->exec_errno = error;
  p->ended = true;
  p->code = CX_EXIT_NOT_FOUND;
  return false;
}

bool program_start(struct program *p, char *const argv[]) {
  int out[2] = {-1, -1}, err[2] = {-1, -1};
  int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(err, O_CLOEXEC) != 0) {
    int error = errno;
    int fds[] = {null, out[0], out[1], err[0], err[1]};
    close_all(fds, 5);
    return fail(p, error);
  }
  int stdio[3] = {null, out[1], err[1]};
  int status = -1;
  p->pid = spawn(argv, stdio, -1, &status);
  int error = p->pid < 0 ? errno : spawn_error(status);
  close_all(stdio, 3);
  if (error != 0) {
    close(out[0]);
    close(err[0]);
    p->pid = 0;
    return fail(p, error);
  }
  fcntl(out[0], F_SETFL, O_NONBLOCK);
  fcntl(err[0], F_SETFL, O_NONBLOCK);
  output_open(&p->out, out[0], STDOUT_FILENO);
  output_open(&p->err, err[0], STDERR_FILENO);
  return true;
}

void program_forget(struct program *p) {
  if (p->pid > 0) {
    output_drain(&p->out, &p->err, 0);
    output_close(&p->out);
    output_close(&p->err);
  }
  memset(p, 0, sizeof *p);
}

bool program_running(const struct program *p) { return p->pid > 0 && !p->ended; }

void program_signal(const struct program *p, int signal) {
  if (p->pid > 0) kill(-p->pid, signal);
}

void program_reaped(struct program *p, pid_t pid, int status) {
  if (p->pid <= 0 || pid != p->pid || p->ended) return;
  p->ended = true;
  split_status(status, &p->code, &p->signal);
}
