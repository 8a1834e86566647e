// Member 0: gathers the workers, starts the attempt, watches it, ends it and judges it.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "head.h"
#include "hydra.h"
#include "openmpi.h"
#include "outcome.h"
#include "util.h"

// After mpirun ended with 0 its daemons end by themselves; after this long they are stopped. FAREWELL_MS: for the last
// words to the workers. QUIET_MS: after such a silence no more output is expected from here, FAR_QUIET_MS from afar.
// REFUSAL_MS: an mpirun that refuses to launch ends so long after its daemons at most (milliseconds on an idle machine); one
// that has lost a daemon before it could call in waits for ever. FOLLOW_MS: mpirun kills the ranks that outlive one that
// failed a second after it has asked them to end; Open MPI 4's then takes two more to end itself.
enum { FOLLOW_MS = 2000, DAEMONS_MS = 2000, FAREWELL_MS = 1000, QUIET_MS = 50, FAR_QUIET_MS = 250, REFUSAL_MS = 5000 };

int head_joined(const struct facts *f) {
  int n = 0;
  for (int i = 1; i < f->members; i++) n += f->peers[i].joined;
  return n;
}

static void stop_all(struct head *h, const char *reason) {
  if (h->told_to_stop) return;
  h->told_to_stop = true;
  char line[320];
  snprintf(line, sizeof line, "stop %s", reason);
  mailbox_tell(&h->mailbox, -1, line);
  member_stop(h->self);
  // With no rank there yet, mpirun is what must end; it passes SIGTERM on to ranks that appear meanwhile.
  if (ranks_wrapped(h->facts.launch) && facts_ranks(&h->facts) == 0) program_signal(&h->self->program, SIGTERM);
}

// The first trigger counts; what follows from our own stopping is no news.
void head_end(struct head *h, enum trigger trigger, const char *reason) {
  if (h->collecting) return;
  h->collecting = true;
  h->began_end = now_ms();
  h->collect_until = h->began_end + h->self->config.grace_ms + CX_COLLECT_MS;
  h->facts.trigger = trigger;
  snprintf(h->facts.reason, sizeof h->facts.reason, "%s", reason);
  if (trigger != ALL_DONE) stop_all(h, reason);
}

void head_end_failed(struct head *h, enum trigger trigger, const char *what, int index, const struct ending *e) {
  char reason[128];
  snprintf(reason, sizeof reason, "%s %d ended with %d", what, index, e->code);
  head_end(h, trigger, reason);
}

// An mpirun that refuses to launch may end later than the daemons it has told to: stopped upon their ends, it could not say so
// any more. So it is given time, unless it is clear already that the daemon failed.
void head_lose_daemons(struct head *h) {
  const struct facts *f = &h->facts;
  int64_t now = now_ms();
  for (int i = 1; i < f->members && !f->mpirun.ended; i++) {
    const struct ending *e = &f->peers[i].end;
    if (!facts_daemon_lost(f, e) || (facts_may_be_refused(f, e) && now < e->at + REFUSAL_MS)) continue;
    head_end_failed(h, LOST, "the daemon of member", i, e);
  }
}

// mpirun or mpiexec with all it needs, or the user's command that calls one: words to free, NULL if there are none.
static char **mpirun_command(const struct head *h) {
  const struct config *c = &h->self->config;
  static const char *const nothing[] = {NULL};
  if (c->launch != MPICH && !openmpi_host_file(c)) return NULL;
  if (c->launch != OPENMPI && !hydra_host_file(&h->mailbox)) return NULL;
  if (c->launch == MPIRUN) return concatenate(nothing, h->self->command);
  return c->launch == MPICH ? hydra_command(c, h->self->command) : openmpi_command(c, h->self->command);
}

static void launch(struct head *h) {
  struct facts *f = &h->facts;
  const struct config *c = &h->self->config;
  f->launched = true;
  f->started_at = wall_seconds();
  if (c->launch == DIRECT) {
    mailbox_tell(&h->mailbox, -1, "go");
    for (int i = 0; i < f->members; i++) f->peers[i].asked = true;
    f->peers[0].started = member_start(h->self, h->self->command);
  } else {
    char **argv = mpirun_command(h);
    if (argv == NULL) say("cannot write the host file in %s: %s", c->dir, strerror(errno));
    if (argv != NULL) f->peers[0].started = member_start(h->self, argv);
    else facts_end(f, &f->mpirun, CX_EXIT_LAUNCH, 0, now_ms());
    free(argv);
  }
  f->exec_errno = h->self->program.exec_errno;
}

// The program of this very member: mpirun, or one of the gang's.
static void note_program(struct head *h) {
  const struct program *p = &h->self->program;
  struct facts *f = &h->facts;
  bool mpirun = led_by_mpirun(f->launch);
  struct ending *e = mpirun ? &f->mpirun : &f->peers[0].end;
  if (p->ended && !e->ended) facts_end(f, e, p->code, p->signal, now_ms());
  if (!e->ended) return;
  if (mpirun) head_end(h, e->code == 0 ? ALL_DONE : RANK_FAILED, e->code == 0 ? "mpirun has ended" : "mpirun failed");
  else if (e->code != 0) head_end_failed(h, RANK_FAILED, "the program of member", 0, e);
}

static bool all_programs_ended(const struct facts *f) {
  for (int i = 0; i < f->members; i++) {
    if (!f->peers[i].end.ended) return false;
  }
  return true;
}

static void advance(struct head *h) {
  struct facts *f = &h->facts;
  if (!f->launched && !h->collecting && head_joined(f) == f->members - 1) launch(h);
  note_program(h);
  if (h->collecting) return;
  if (f->launch == DIRECT && f->launched && all_programs_ended(f)) head_end(h, ALL_DONE, "all programs have ended");
  if (led_by_mpirun(f->launch)) head_lose_daemons(h);
}

// No rank has anything to save: one has failed, or a member is gone with what its ranks held.
static bool beyond_saving(const struct facts *f) {
  if (!ranks_wrapped(f->launch)) return false;
  if (f->trigger == RANK_FAILED) return facts_failure_known(f);
  for (int i = 1; f->trigger == LOST && i < f->members; i++) {
    if (f->peers[i].lost && !f->peers[i].leaving) return true;
  }
  return false;
}

// When the gang has to be over at the latest: the ranks' grace is for those who are asked to stop.
static int64_t collected_by(const struct head *h) {
  int64_t followed = h->began_end + CX_FOLLOW_MS;
  return beyond_saving(&h->facts) && followed < h->collect_until ? followed : h->collect_until;
}

static bool collected(const struct head *h) {
  const struct facts *f = &h->facts;
  // When the cause is known without mpirun, its end is not waited for: it has nothing to tell, and would only begin to
  // end when the first rank does.
  bool settled = f->trigger == ASKED_TO_STOP || f->trigger == LOST || f->trigger == MISPLACED;
  if (ranks_wrapped(f->launch) && settled && facts_ranks_ended(f)) return true;
  if (program_running(&h->self->program)) return false;
  for (int i = 1; i < f->members; i++) {
    const struct peer *p = &f->peers[i];
    if (p->asked && !p->lost && !p->end.ended) return false;
  }
  return true;
}

static void finish(struct head *h) {
  struct facts *f = &h->facts;
  struct member *self = h->self;
  for (int i = 1; i < f->members; i++) {
    struct peer *p = &f->peers[i];
    if (!p->asked || p->lost || p->end.ended) continue;
    p->lost = true;
    p->lost_at = now_ms();
    snprintf(p->why, sizeof p->why, "it never reported the end of its %s", led_by_mpirun(f->launch) ? "daemon" : "program");
  }
  // An mpirun that is still there may be about to pass on the last words of ranks far away.
  if (program_running(&self->program)) output_drain(&self->program.out, &self->program.err, FAR_QUIET_MS);
  member_kill(self);
  if (self->program.pid > 0) output_drain(&self->program.out, &self->program.err, QUIET_MS);
  f->ended_at = wall_seconds();
  struct verdict v;
  judge(f, &v);
  outcome_write(&self->config, f, &v, &self->program);
  mailbox_tell(&h->mailbox, -1, "bye");
  mailbox_close(&h->mailbox, FAREWELL_MS);
  self->exit_code = v.exit_code;
  self->done = true;
}

static int64_t tick(void *part) {
  struct head *h = part;
  int64_t now = now_ms();
  if (now >= h->next_ping) {
    h->next_ping = now + CX_PING_MS;
    mailbox_tell(&h->mailbox, -1, "ping");
  }
  int64_t next = mailbox_tick(&h->mailbox);
  advance(h);
  if (h->next_ping < next) next = h->next_ping;
  if (!h->collecting) return next;
  int64_t daemons = h->began_end + DAEMONS_MS;
  if (!h->told_to_stop && now >= daemons && !collected(h)) stop_all(h, "the attempt is over");
  int64_t latest = collected_by(h);
  if (collected(h) || now >= latest) finish(h);
  int64_t due = h->told_to_stop ? latest : daemons;
  return due < next ? due : next;
}

static void watch(void *part, struct pollset *p) { mailbox_watch(&((struct head *)part)->mailbox, p); }

static void handle(void *part, const struct pollset *p) {
  struct head *h = part;
  // What the mailbox heard in the same round may be a consequence of this end, and is not to be taken for its cause.
  note_program(h);
  mailbox_handle(&h->mailbox, p);
}

static void terminate(void *part) { head_end(part, ASKED_TO_STOP, "the pod was told to end (SIGTERM)"); }

bool head_begin(struct member *m) {
  static struct head h;
  const struct config *c = &m->config;
  h.self = m;
  h.facts.command = m->command[0];
  h.facts.launch = c->launch;
  h.facts.members = c->members;
  h.facts.procs = c->procs;
  h.facts.peers = calloc((size_t)c->members, sizeof *h.facts.peers);
  h.facts.ranks = calloc((size_t)(c->members * c->procs), sizeof *h.facts.ranks);
  head_listen(&h);
  m->part = &h;
  m->watch = watch;
  m->handle = handle;
  m->tick = tick;
  m->terminate = terminate;
  if (h.facts.peers == NULL || h.facts.ranks == NULL) return false;
  h.facts.peers[0].joined = true;
  return mailbox_open(&h.mailbox, c);
}
