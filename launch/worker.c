// Members 1 … N-1: dial the mailbox, do what it says, report.
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "dial.h"
#include "member.h"
#include "openmpi.h"
#include "outcome.h"
#include "stream.h"
#include "util.h"
#include "verdict.h"

enum { QUIET_MS = 50, REFUSED_RETRY_MS = 1000 };

enum worker_state { DIALLING, JOINING, JOINED, APART };

struct worker {
  struct member *self;
  enum worker_state state;
  struct dial dial;
  struct stream stream;
  int watched;
  int64_t heard, next_ping;
  bool asked, reported;  // the program: told to start it; its end has been sent
  bool own_end;          // it ended before anybody stopped it
  bool leaving;          // the kubelet ends this pod
  bool over;             // nothing more will be asked: leave as soon as nothing runs here
  enum cause cause;      // why it is over
  char message[256];
};

static void end_work(struct worker *w, enum cause cause, const char *message) {
  if (w->over) return;
  w->over = true;
  w->cause = cause;
  snprintf(w->message, sizeof w->message, "%s", message);
}

// Cut off from member 0, whose mpirun would tell unwrapped ranks to end.
static void stop_alone(struct worker *w) {
  if (!w->self->stopping && w->self->config.launch == MPIRUN) member_signal(w->self, SIGTERM);
  member_stop(w->self);
}

static void lose_head(struct worker *w, const char *why) {
  stream_close(&w->stream);
  w->state = APART;
  end_work(w, MEMBER_LOST, why);
  stop_alone(w);
  if (led_by_mpirun(w->self->config.launch)) member_hasten(w->self, CX_FOLLOW_MS);
}

static void tell(struct worker *w, const char *line) {
  if (w->state == JOINED && !stream_send(&w->stream, line)) lose_head(w, "the connection to member 0 broke");
}

static void join(struct worker *w, int fd) {
  char line[CX_TOKEN_DIGITS + 64];
  const struct config *c = &w->self->config;
  stream_open(&w->stream, fd);
  snprintf(line, sizeof line, CX_GREETING " %s join %d", c->token, c->member);
  w->heard = now_ms();
  w->state = JOINING;
  // A broken connection shows itself at the next read.
  stream_send(&w->stream, line);
}

static void dial_again(struct worker *w, int64_t delay) {
  stream_close(&w->stream);
  w->state = DIALLING;
  dial_begin(&w->dial, &w->self->config, now_ms() + delay);
}

// ---- what member 0 says --------------------------------------------------------------------------------------------

static void start(struct worker *w, char *const argv[]) {
  if (w->over || (w->asked && !w->reported)) return;
  if (w->reported) program_forget(&w->self->program);  // the daemon of an earlier mpirun
  w->asked = true;
  w->reported = false;
  if (member_start(w->self, argv)) tell(w, "started");
}

// The ranks here will dial the mailbox too: they get the address that worked, and need no resolver.
static void pin_mailbox(const struct worker *w) {
  struct sockaddr_storage peer;
  socklen_t len = sizeof peer;
  char host[128], mailbox[160];
  if (getpeername(w->stream.fd, (struct sockaddr *)&peer, &len) != 0) return;
  if (getnameinfo((struct sockaddr *)&peer, len, host, sizeof host, NULL, 0, NI_NUMERICHOST) != 0) return;
  snprintf(mailbox, sizeof mailbox, strchr(host, ':') == NULL ? "%s:%s" : "[%s]:%s", host, w->self->config.mailbox_port);
  setenv("CX_MAILBOX", mailbox, 1);
}

static void start_daemon(struct worker *w, const char *coded) {
  char *words = base64_decode(coded);
  if (words == NULL) {
    lose_head(w, "member 0 sent a command that cannot be read");
    return;
  }
  openmpi_stay_in_foreground(words);
  pin_mailbox(w);
  char *argv[] = {(char *)"/bin/sh", (char *)"-c", words, NULL};
  start(w, argv);
  free(words);
}

static void obey(struct worker *w, char *line) {
  char *word = strsep(&line, " ");
  const char *rest = line == NULL ? "" : line;
  if (strcmp(word, "go") == 0) start(w, w->self->command);
  else if (strcmp(word, "run") == 0) start_daemon(w, rest);
  else if (strcmp(word, "signal") == 0 && signal_number(rest) != 0) member_signal(w->self, signal_number(rest));
  else if (strcmp(word, "stop") == 0) {
    end_work(w, STOPPED, *rest == '\0' ? "stopped" : rest);
    member_stop(w->self);
  } else if (strcmp(word, "bye") == 0) {
    // Whatever still runs here has no purpose any more, and had its grace before the others said good-bye.
    end_work(w, program_running(&w->self->program) ? STOPPED : COMPLETED, "the attempt is over");
    member_kill(w->self);
    w->state = APART;
  }
}

static void read_lines(struct worker *w) {
  char *line;
  int got = stream_read(&w->stream), lines = 0;
  if (got > 0) w->heard = now_ms();
  while ((w->state == JOINING || w->state == JOINED) && (lines = stream_line(&w->stream, &line)) == 1) {
    if (w->state == JOINED) obey(w, line);
    else if (strcmp(line, "ok") == 0) w->state = JOINED;
    else {
      say("member 0 answered: %s", line);
      dial_again(w, REFUSED_RETRY_MS);
    }
  }
  if (got >= 0 && lines >= 0) return;
  if (w->state == JOINING) dial_again(w, CX_RETRY_MS);
  else if (w->state == JOINED) lose_head(w, "member 0 closed the connection");
}

// ---- the course ----------------------------------------------------------------------------------------------------

static void report_end(struct worker *w) {
  const struct program *p = &w->self->program;
  if (!w->asked || !p->ended || w->reported) return;
  w->reported = true;
  w->own_end = !w->self->stopping;
  char line[64];
  snprintf(line, sizeof line, "exit %d %d", p->code, p->signal);
  tell(w, line);
}

// What this member's own message says: that member 0 was lost, for to a program that had failed it would have answered with a
// stop; else its program's end if it came before anybody asked for it; else why it is over.
static void judge_here(const struct worker *w, struct verdict *v) {
  const struct program *p = &w->self->program;
  bool daemon = led_by_mpirun(w->self->config.launch), lost = w->cause == MEMBER_LOST;
  const char *message = w->message;
  v->cause = w->cause;
  v->failed_member = lost ? 0 : -1;
  if (p->ended && p->code == CX_EXIT_NOT_FOUND) {
    v->cause = COMMAND_NOT_FOUND;
    v->failed_member = -1;
    message = "the command is not in the image, or cannot be executed";
  } else if (w->own_end && p->code == 0 && v->cause == STOPPED) {
    v->cause = COMPLETED;
    message = daemon ? "the daemon ended with 0" : "the program ended with 0";
  } else if (w->own_end && p->code != 0 && !lost) {
    v->cause = daemon ? MEMBER_LOST : PROGRAM_FAILED;
    v->signal = p->signal;
    message = daemon ? "the daemon failed" : "the program failed";
  }
  v->code = cause_exit_code(v->cause) >= 0 ? cause_exit_code(v->cause) : p->code;
  snprintf(v->message, sizeof v->message, "%s", message);
}

static void finish(struct worker *w) {
  struct member *m = w->self;
  member_kill(m);
  if (m->program.pid > 0) output_drain(&m->program.out, &m->program.err, QUIET_MS);
  struct verdict v = {0};
  judge_here(w, &v);
  outcome_write_short(m->config.termination, m->config.member, &v);
  if (w->stream.fd >= 0) stream_close(&w->stream);
  m->exit_code = v.code;
  m->done = true;
}

static bool may_leave(const struct worker *w) {
  if (!w->over || member_saving(w->self)) return false;
  // Stopped: member 0 collects the reports and then says bye. Apart from it nobody is there to wait for, not even a
  // daemon whose ranks have all ended.
  return w->leaving || w->state == APART || w->state == DIALLING || w->state == JOINING || now_ms() >= w->self->kill_at + CX_COLLECT_MS;
}

static int64_t tick(void *part) {
  struct worker *w = part;
  int64_t now = now_ms(), next = now + CX_PING_MS;
  report_end(w);
  if (may_leave(w)) {
    finish(w);
    return now;
  }
  if (w->state == DIALLING) return dial_tick(&w->dial);
  if (w->state == APART) return next;
  if (now - w->heard >= CX_SILENCE_MS) {
    if (w->state == JOINING) dial_again(w, CX_RETRY_MS);
    else lose_head(w, "member 0 has been silent for 6 s");
    return now;
  }
  if (w->state == JOINED && now >= w->next_ping) {
    w->next_ping = now + CX_PING_MS;
    tell(w, "ping");
  }
  if (w->state == JOINED && w->next_ping < next) next = w->next_ping;
  return w->heard + CX_SILENCE_MS < next ? w->heard + CX_SILENCE_MS : next;
}

static void watch(void *part, struct pollset *p) {
  struct worker *w = part;
  w->watched = -1;
  if (w->state == DIALLING) dial_watch(&w->dial, p);
  else if (w->state != APART) w->watched = pollset_add(p, w->stream.fd, (short)(POLLIN | (stream_pending(&w->stream) ? POLLOUT : 0)));
}

static void handle(void *part, const struct pollset *p) {
  struct worker *w = part;
  if (w->state == DIALLING) {
    dial_handle(&w->dial, p);
    int fd = dial_take(&w->dial);
    if (fd >= 0) join(w, fd);
    return;
  }
  if (pollset_got(p, w->watched) == 0) return;
  bool flushed = stream_flush(&w->stream);
  read_lines(w);
  if (!flushed && w->state == JOINED) lose_head(w, "the connection to member 0 broke");
}

// The kubelet ends this pod: member 0 must know it before it hears of ranks that were stopped, or it would take them
// for the program's failure.
static void terminate(void *part) {
  struct worker *w = part;
  tell(w, "leaving");
  w->leaving = true;
  end_work(w, STOPPED, "the pod was told to end (SIGTERM)");
  stop_alone(w);
}

bool worker_begin(struct member *m) {
  static struct worker w;
  w.self = m;
  w.stream.fd = -1;
  dial_begin(&w.dial, &m->config, now_ms());
  m->part = &w;
  m->watch = watch;
  m->handle = handle;
  m->tick = tick;
  m->terminate = terminate;
  return true;
}
