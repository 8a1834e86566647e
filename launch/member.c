#include "member.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "collectives.h"
#include "family.h"
#include "hydra.h"
#include "openmpi.h"
#include "outcome.h"
#include "ranks.h"
#include "resume.h"
#include "scratch.h"
#include "spawn.h"
#include "util.h"

// While ranks are being stopped, one that was just about to start may show up late: look again this often.
enum { SWEEP_MS = 250 };

bool member_start(struct member *m, char *const argv[]) {
  if (program_start(&m->program, argv)) return true;
  say("cannot start %s: %s", argv[0], strerror(m->program.exec_errno));
  return false;
}

void member_signal(struct member *m, int signal) {
  if (ranks_wrapped(m->config.launch)) ranks_signal(&m->config, signal);
  else if (m->config.launch == MPIRUN) family_signal_ranks(signal);
  else program_signal(&m->program, signal);
}

void member_stop(struct member *m) {
  if (m->stopping) return;
  m->stopping = true;
  m->kill_at = now_ms() + m->config.grace_ms;
  if (m->config.launch != MPIRUN) member_signal(m, SIGTERM);
  else if (m->config.member == 0) program_signal(&m->program, SIGTERM);
}

void member_hasten(struct member *m, int ms) {
  if (m->stopping && now_ms() + ms < m->kill_at) m->kill_at = now_ms() + ms;
}

bool member_saving(const struct member *m) {
  if (!m->stopping || now_ms() >= m->kill_at) return false;
  return ranks_wrapped(m->config.launch) ? ranks_signal(&m->config, 0) > 0 : program_running(&m->program);
}

void member_kill(struct member *m) {
  ranks_signal(&m->config, SIGKILL);
  program_signal(&m->program, SIGKILL);
}

static int64_t stop_tick(struct member *m) {
  if (!m->stopping) return INT64_MAX;
  int64_t now = now_ms();
  if (now >= m->kill_at) member_kill(m);
  else if (ranks_wrapped(m->config.launch)) ranks_signal(&m->config, SIGTERM);
  return now + SWEEP_MS;
}

// As the container's first process we inherit every orphan: all are reaped, one of them is ours.
static void reap(struct member *m) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) program_reaped(&m->program, pid, status);
}

static void read_signals(struct member *m, int fd) {
  struct signalfd_siginfo info;
  while (read(fd, &info, sizeof info) == (ssize_t)sizeof info) {
    if (info.ssi_signo == SIGCHLD) reap(m);
    else m->terminate(m->part);
  }
}

static int open_signals(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return -1;
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void loop(struct member *m, int signals) {
  struct pollset set = {0};
  while (!m->done) {
    int64_t next = m->tick(m->part);
    if (m->done) break;
    int64_t sweep = stop_tick(m);
    if (sweep < next) next = sweep;
    pollset_clear(&set);
    int watched = pollset_add(&set, signals, POLLIN);
    if (m->program.pid > 0) {
      output_watch(&m->program.out, &set);
      output_watch(&m->program.err, &set);
    }
    m->watch(m->part, &set);
    int64_t left = next - now_ms();
    if (poll(set.fds, set.len, left < 0 ? 0 : left > CX_PING_MS ? CX_PING_MS : (int)left) < 0 && errno != EINTR) abort();
    if (pollset_got(&set, watched) != 0) read_signals(m, signals);
    if (m->program.pid > 0) {
      output_handle(&m->program.out, &set);
      output_handle(&m->program.err, &set);
    }
    m->handle(m->part, &set);
  }
  free(set.fds);
}

static bool mpi_environment(const struct config *c) {
  bool openmpi = c->launch == OPENMPI || c->launch == MPIRUN, hydra = c->launch == MPICH || c->launch == MPIRUN;
  return (!openmpi || openmpi_environment(c)) && (!hydra || hydra_environment(c));
}

static bool prepare(struct member *m) {
  char path[PATH_MAX];
  config_path(&m->config, "result.json", path);
  unlink(path);
  if (setenv("COXSWAIN_TERMINATION_LOG", path, 1) != 0 || !ranks_prepare(&m->config)) return false;
  scratch_empty();
  return collectives_environment() && mpi_environment(&m->config);
}

static int refuse_as(enum cause cause, const char *error) {
  const char *text = getenv("CX_MEMBER");
  int member;
  if (!parse_int(text, 0, 1 << 20, &member)) member = 0;
  struct verdict v = {.cause = cause, .code = cause_exit_code(cause), .failed_member = -1};
  snprintf(v.message, sizeof v.message, "%.390s", error);
  outcome_write_short(config_termination_path(), member, &v);
  return v.code;
}

static int refuse(const char *error) { return refuse_as(LAUNCH_FAILED, error); }

int member_main(int argc, char **argv) {
  static struct member m;  // large: it holds the output's buffers
  char error[600];
  if (argc < 2 || strcmp(argv[0], "--") != 0 || *argv[1] == '\0') return refuse("no command was given to cx-launch member");
  if (!config_read(&m.config, error, sizeof error)) return refuse(error);
  m.command = argv + 1;
  spawn_prepare();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int signals = open_signals();
  if (signals < 0 || !prepare(&m)) {
    snprintf(error, sizeof error, "cannot prepare %.300s: %s", m.config.dir, strerror(errno));
    return refuse(error);
  }
  enum cause cause;
  if (!resume_prepare(&cause, error, sizeof error)) return refuse_as(cause, error);
  if (!(m.config.member == 0 ? head_begin(&m) : worker_begin(&m))) {
    snprintf(error, sizeof error, "cannot open the mailbox on port %s: %s", m.config.mailbox_port, strerror(errno));
    return refuse(error);
  }
  loop(&m, signals);
  return m.exit_code;
}
