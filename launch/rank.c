// One MPI rank: reports where it runs before the program starts, and with what it ended before it ends itself.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "config.h"
#include "ranks.h"
#include "request.h"
#include "spawn.h"
#include "util.h"

enum { REPORT_TRY_MS = 5000, REPORT_MS = 30000, EXIT_REPORT_MS = 5000 };

struct wrapper {
  struct config config;
  int rank;
  pid_t starter;  // MPI's daemon, or mpirun
  pid_t program;
  int64_t deaf_until;  // a further SIGTERM before this time is the same one
};

static bool read_rank(int *rank) {
  const char *text = getenv("OMPI_COMM_WORLD_RANK");
  if (text == NULL) text = getenv("PMIX_RANK");
  if (text == NULL) text = getenv("PMI_RANK");
  return parse_int(text, 0, 1 << 20, rank);
}

// True if SIGTERM is waiting: then there is no use in starting the program.
static bool told_to_end(int wait_ms) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  struct timespec t = {.tv_nsec = (long)wait_ms * 1000000};
  return sigtimedwait(&set, NULL, &t) == SIGTERM;
}

// Member 0 may be busy with thousands of others: try until `limit_ms` have passed.
static bool report(const struct wrapper *w, const char *words, int limit_ms, bool until_term, char answer[256]) {
  int64_t until = now_ms() + limit_ms;
  do {
    enum request_result result = w->config.member == 0
                                     ? request_here(&w->config, words, answer, 256, REPORT_TRY_MS)
                                     : request(&w->config, w->config.mailbox_host, words, answer, 256, REPORT_TRY_MS);
    if (result == REQUEST_ANSWERED) return true;
    if (told_to_end(CX_RETRY_MS) && until_term) break;
  } while (now_ms() < until);
  snprintf(answer, 256, "no answer from the mailbox");
  return false;
}

// Both the member and Open MPI's daemon send SIGTERM when a gang is stopped; a program that saves its state when told
// to must be told once. All other signals are passed on each time.
static void pass_on(struct wrapper *w, int signal) {
  if (signal == SIGTERM) {
    if (now_ms() < w->deaf_until) return;
    w->deaf_until = now_ms() + w->config.grace_ms;
  }
  kill(-w->program, signal);
}

static int wait_for_program(struct wrapper *w, const sigset_t *set) {
  for (;;) {
    int status, signal = sigwaitinfo(set, NULL);
    if (signal > 0 && signal != SIGCHLD) pass_on(w, signal);
    while (waitpid(w->program, &status, WNOHANG) == w->program) {
      if (WIFEXITED(status) || WIFSIGNALED(status)) return status;
    }
  }
}

// Told to end, each rank has the gang's grace; but as soon as mpirun sees the first one end it kills the others, and
// what is left dies with its daemon. So a rank that has ended waits for the rest: until it is killed with everything
// here, or the grace is over.
static void linger(const struct wrapper *w) {
  while (now_ms() < w->deaf_until && getppid() == w->starter) told_to_end(CX_RETRY_MS);
}

// Ends as the program ended, so that mpirun sees what it would have seen without us.
static int end_like(int code, int signal_number) {
  if (signal_number == 0) return code;
  struct rlimit none = {0, 0};
  setrlimit(RLIMIT_CORE, &none);  // the program has dumped its core already
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal_number);
  signal(signal_number, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  raise(signal_number);
  return code;
}

// Starts the program behind a gate: it waits until it is known here and to member 0.
static bool begin(struct wrapper *w, char **argv, int *status, char problem[256]) {
  int gate[2];
  const int inherit[3] = {-1, -1, -1};
  char words[64];
  if (pipe2(gate, O_CLOEXEC) != 0 || (w->program = spawn(argv, inherit, gate[0], status)) < 0) {
    snprintf(problem, 256, "cannot start: %s", strerror(errno));
    return false;
  }
  close(gate[0]);
  snprintf(words, sizeof words, "rank %d %d", w->rank, w->config.member);
  bool known = ranks_enter(&w->config, w->program);
  if (!known) snprintf(problem, 256, "cannot write into %.200s/ranks", w->config.dir);
  else known = report(w, words, REPORT_MS, true, problem) && strcmp(problem, "ok") == 0;
  if (known && write(gate[1], "", 1) == 1) return true;
  kill(-w->program, SIGKILL);
  return false;
}

int rank_main(int argc, char **argv) {
  static struct wrapper w;
  char text[256];
  if (argc > 0 && strcmp(argv[0], "--") == 0) argv++, argc--;
  if (argc < 1 || !config_read(&w.config, text, sizeof text) || !read_rank(&w.rank)) {
    say("rank: %s", argc < 1 ? "a program is needed" : "the environment is not that of a rank in a gang");
    return CX_EXIT_LAUNCH;
  }
  spawn_prepare();
  sigset_t set;
  sigemptyset(&set);
  const int heard[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGCONT, SIGTSTP};
  for (size_t i = 0; i < sizeof heard / sizeof *heard; i++) sigaddset(&set, heard[i]);
  sigprocmask(SIG_BLOCK, &set, NULL);
  w.starter = getppid();
  int status_fd;
  if (!begin(&w, argv, &status_fd, text)) {
    say("rank %d: %s", w.rank, text);
    ranks_leave(&w.config);
    return CX_EXIT_LAUNCH;
  }
  int error = spawn_error(status_fd), code, signal;
  if (error != 0) say("rank %d: cannot start %s: %s", w.rank, argv[0], strerror(error));
  split_status(wait_for_program(&w, &set), &code, &signal);
  ranks_leave(&w.config);
  char words[96];
  snprintf(words, sizeof words, "rankexit %d %d %d %d", w.rank, w.config.member, code, signal);
  // Orphaned: the daemon died under us and the program with it. That is the daemon's failure, and not ours to report.
  bool reported = getppid() != w.starter || report(&w, words, EXIT_REPORT_MS, false, text);
  if (!reported) say("rank %d: could not report its end: %s", w.rank, text);
  linger(&w);
  return end_like(code, signal);
}
