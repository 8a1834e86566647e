#include "verdict.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct {
  const char *name, *outcome;
  int exit_code;
} causes[] = {
    [COMPLETED] = {"Completed", "succeeded", 0},
    [PROGRAM_FAILED] = {"ProgramFailed", "failed", -1},
    [COMMAND_NOT_FOUND] = {"CommandNotFound", "failed", CX_EXIT_NOT_FOUND},
    [RANKS_MISPLACED] = {"RanksMisplaced", "failed", CX_EXIT_MISPLACED},
    [MEMBER_LOST] = {"MemberLost", "failed", CX_EXIT_LOST},
    [LAUNCH_FAILED] = {"LaunchFailed", "failed", CX_EXIT_LAUNCH},
    [STOPPED] = {"Stopped", "stopped", CX_EXIT_STOPPED},
};

const char *cause_name(enum cause cause) { return causes[cause].name; }
const char *cause_outcome(enum cause cause) { return causes[cause].outcome; }
int cause_exit_code(enum cause cause) { return causes[cause].exit_code; }

void facts_end(struct facts *f, struct ending *e, int code, int signal, int64_t now) {
  *e = (struct ending){.ended = true, .code = code, .signal = signal, .at = now, .order = f->endings++};
}

int facts_ranks_of(const struct facts *f, int member) {
  if (!f->openmpi) return f->peers[member].started ? 1 : 0;
  int n = 0;
  for (int r = 0; r < f->members * f->procs; r++) n += f->ranks[r].reported && f->ranks[r].member == member;
  return n;
}

int facts_ranks(const struct facts *f) {
  int n = 0;
  if (!f->openmpi) {
    for (int i = 0; i < f->members; i++) n += f->peers[i].started;
    return n;
  }
  for (int r = 0; r < f->members * f->procs; r++) n += f->ranks[r].reported;
  return n;
}

bool facts_started(const struct facts *f) {
  return f->launched && facts_ranks(f) == (f->openmpi ? f->members * f->procs : f->members);
}

bool facts_misplaced(const struct facts *f) {
  for (int i = 0; f->openmpi && i < f->members; i++) {
    if (facts_ranks_of(f, i) != f->procs) return true;
  }
  return false;
}

bool facts_ranks_ended(const struct facts *f) {
  int reported = 0;
  for (int r = 0; f->openmpi && r < f->members * f->procs; r++) {
    const struct rank *k = &f->ranks[r];
    if (!k->reported) continue;
    reported++;
    if (!k->end.ended && !f->peers[k->member].lost) return false;
  }
  return reported > 0;
}

static void set(struct verdict *v, enum cause cause, int member, int rank) {
  v->cause = cause;
  v->failed_member = member;
  v->failed_rank = rank;
  v->exit_code = v->code = cause_exit_code(cause);
}

static bool failed(const struct ending *e) { return e->ended && e->code != 0; }

// The ending that comes first among those that failed; NULL if none did.
static const struct ending *first_failure(const struct facts *f) {
  const struct ending *first = NULL;
  int n = f->openmpi ? f->members * f->procs : f->members;
  for (int i = 0; i < n; i++) {
    const struct ending *e = f->openmpi ? &f->ranks[i].end : &f->peers[i].end;
    if (failed(e) && (first == NULL || e->order < first->order)) first = e;
  }
  return first;
}

// When the infrastructure failed under member i, or INT64_MAX. A daemon that ends badly after mpirun refused to launch,
// with no rank started, only shares its fate.
static int64_t loss_of(const struct facts *f, int i, const struct ending *failure) {
  const struct peer *p = &f->peers[i];
  if (p->lost && (failure == NULL || p->lost_at <= failure->at + CX_OVERTAKE_MS)) return p->lost_at;
  if (!f->openmpi) return INT64_MAX;
  const struct ending *e = i == 0 ? &f->mpirun : &p->end;
  if (!failed(e) || (i == 0 && e->signal == 0)) return INT64_MAX;  // mpirun's own codes tell of ranks, or of a refusal
  bool after_refusal = i > 0 && failed(&f->mpirun) && f->mpirun.order < e->order && facts_ranks(f) == 0;
  return after_refusal || (failure != NULL && failure->order < e->order) ? INT64_MAX : e->at;
}

static bool judge_not_found(const struct facts *f, struct verdict *v) {
  int n = f->openmpi ? f->members * f->procs : 0;
  for (int r = 0; r < n; r++) {
    if (f->ranks[r].end.ended && f->ranks[r].end.code == CX_EXIT_NOT_FOUND) {
      set(v, COMMAND_NOT_FOUND, f->ranks[r].member, r);
      snprintf(v->message, sizeof v->message, "%.200s is not in the image, or cannot be executed (rank %d)", f->command, r);
      return true;
    }
  }
  for (int i = 0; i < f->members; i++) {
    const struct ending *e = i == 0 && f->openmpi ? &f->mpirun : &f->peers[i].end;
    if (!e->ended || e->code != CX_EXIT_NOT_FOUND) continue;
    set(v, COMMAND_NOT_FOUND, i, -1);
    const char *what = !f->openmpi ? f->command : i == 0 ? "mpirun" : "Open MPI's daemon";
    const char *why = i == 0 && f->exec_errno != 0 ? strerror(f->exec_errno) : "exit code 127";
    snprintf(v->message, sizeof v->message, "%.200s is not in the image, or cannot be executed: %s", what, why);
    return true;
  }
  return false;
}

static bool judge_loss(const struct facts *f, struct verdict *v) {
  const struct ending *failure = first_failure(f);
  int64_t when = INT64_MAX;
  for (int i = 0; i < f->members; i++) {
    int64_t at = loss_of(f, i, failure);
    if (at >= when) continue;
    when = at;
    set(v, MEMBER_LOST, i, -1);
  }
  if (when == INT64_MAX) return false;
  const struct peer *p = &f->peers[v->failed_member];
  if (p->lost) snprintf(v->message, sizeof v->message, "member %d was lost: %s", v->failed_member, p->why);
  else if (v->failed_member == 0) snprintf(v->message, sizeof v->message, "mpirun was killed by signal %d", f->mpirun.signal);
  else snprintf(v->message, sizeof v->message, "the daemon of member %d ended with %d", v->failed_member, p->end.code);
  return true;
}

static void describe_failure(struct verdict *v, const char *who) {
  if (v->signal != 0) snprintf(v->message, sizeof v->message, "%s was killed by signal %d", who, v->signal);
  else snprintf(v->message, sizeof v->message, "%s ended with %d", who, v->code);
}

static void fail_with(struct verdict *v, const struct ending *e, int member, int rank, const char *who) {
  set(v, PROGRAM_FAILED, member, rank);
  v->code = v->exit_code = e->code;
  v->signal = e->signal;
  describe_failure(v, who);
}

static bool shot(const struct ending *e) { return e->signal == SIGTERM || e->signal == SIGKILL; }

// Several ranks may have ended badly, most of them because they were stopped. mpirun's code is that of the rank that
// began it (MPI_Abort's too), unless it is that of a stopped one; failing that, the first report counts.
static bool judge_rank(const struct facts *f, struct verdict *v) {
  int n = f->members * f->procs, first = -1, same = -1;
  for (int r = 0; r < n; r++) {
    const struct ending *e = &f->ranks[r].end;
    if (!failed(e)) continue;
    if (first < 0 || e->order < f->ranks[first].end.order) first = r;
    bool matches = failed(&f->mpirun) && e->code == f->mpirun.code && !shot(e);
    if (matches && (same < 0 || e->order < f->ranks[same].end.order)) same = r;
  }
  if (first < 0) return false;
  int r = same >= 0 ? same : first;
  bool begun_elsewhere = shot(&f->ranks[r].end) && f->mpirun.code != f->ranks[r].end.code;
  if (begun_elsewhere && failed(&f->mpirun) && f->mpirun.signal == 0) {
    fail_with(v, &f->mpirun, -1, -1, "the program");
    return true;
  }
  char who[64];
  snprintf(who, sizeof who, "rank %d on member %d", r, f->ranks[r].member);
  fail_with(v, &f->ranks[r].end, f->ranks[r].member, r, who);
  return true;
}

static bool judge_program(const struct facts *f, struct verdict *v) {
  const struct ending *failure = first_failure(f);
  if (failure == NULL) return false;
  int i = 0;
  while (&f->peers[i].end != failure) i++;
  char who[64];
  snprintf(who, sizeof who, "the program on member %d", i);
  fail_with(v, failure, i, f->procs == 1 ? i : -1, who);
  return true;
}

static bool judge_mpirun(const struct facts *f, struct verdict *v) {
  if (f->launched && f->mpirun.ended && f->mpirun.code == 0) return false;
  if (!f->mpirun.ended) {
    set(v, MEMBER_LOST, 0, -1);
    snprintf(v->message, sizeof v->message, "mpirun did not end");
  } else if (facts_ranks(f) == 0) {
    set(v, LAUNCH_FAILED, -1, -1);
    snprintf(v->message, sizeof v->message, "mpirun ended with %d and had started no rank", f->mpirun.code);
  } else {
    fail_with(v, &f->mpirun, -1, -1, "mpirun");
  }
  return true;
}

static bool judge_placement(const struct facts *f, struct verdict *v) {
  for (int i = 0; f->openmpi && i < f->members; i++) {
    int n = facts_ranks_of(f, i);
    if (n == f->procs) continue;
    set(v, RANKS_MISPLACED, i, -1);
    snprintf(v->message, sizeof v->message, "%d of %d ranks are on member %d", n, f->procs, i);
    return true;
  }
  return false;
}

void judge(const struct facts *f, struct verdict *v) {
  memset(v, 0, sizeof *v);
  if (f->trigger == ASKED_TO_STOP) {
    set(v, STOPPED, -1, -1);
    snprintf(v->message, sizeof v->message, "%s", f->reason);
    return;
  }
  if (judge_not_found(f, v)) return;
  if (f->trigger == MISPLACED && judge_placement(f, v)) return;
  if (judge_loss(f, v)) return;
  if (f->openmpi ? judge_rank(f, v) : judge_program(f, v)) return;
  if (f->openmpi && judge_mpirun(f, v)) return;
  if (judge_placement(f, v)) return;
  set(v, COMPLETED, -1, -1);
  if (f->openmpi) snprintf(v->message, sizeof v->message, "%d ranks on %d members ended with 0", facts_ranks(f), f->members);
  else snprintf(v->message, sizeof v->message, "the programs of %d members ended with 0", f->members);
}
