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
  if (!ranks_wrapped(f->launch)) return f->peers[member].started ? 1 : 0;
  int n = 0;
  for (int r = 0; r < f->members * f->procs; r++) n += f->ranks[r].reported && f->ranks[r].member == member;
  return n;
}

int facts_ranks(const struct facts *f) {
  int n = 0;
  if (!ranks_wrapped(f->launch)) {
    for (int i = 0; i < f->members; i++) n += f->peers[i].started;
    return n;
  }
  for (int r = 0; r < f->members * f->procs; r++) n += f->ranks[r].reported;
  return n;
}

bool facts_started(const struct facts *f) {
  if (!f->launched) return false;
  // What a command line of the user's starts, and when, is its own business.
  if (f->launch == MPIRUN) return f->peers[0].started;
  return facts_ranks(f) == (ranks_wrapped(f->launch) ? f->members * f->procs : f->members);
}

bool facts_misplaced(const struct facts *f) {
  for (int i = 0; ranks_wrapped(f->launch) && i < f->members; i++) {
    if (facts_ranks_of(f, i) != f->procs) return true;
  }
  return false;
}

bool facts_ranks_ended(const struct facts *f) {
  int reported = 0;
  for (int r = 0; ranks_wrapped(f->launch) && r < f->members * f->procs; r++) {
    const struct rank *k = &f->ranks[r];
    if (!k->reported) continue;
    reported++;
    if (!k->end.ended && !f->peers[k->member].lost) return false;
  }
  return reported > 0;
}

bool facts_daemon_lost(const struct facts *f, const struct ending *daemon) {
  if (!daemon->ended || daemon->code == 0) return false;
  // Above 128: the shell that had called it says that it was killed.
  return f->launch == OPENMPI || daemon->code > 128 || (f->mpirun.ended && f->mpirun.code == 0);
}

bool facts_may_be_refused(const struct facts *f, const struct ending *daemon) {
  bool by_itself = daemon->code <= 128 && daemon->code != CX_EXIT_NOT_FOUND;
  return f->launch == OPENMPI && by_itself && !f->mpirun.ended && facts_ranks(f) == 0;
}

static void set(struct verdict *v, enum cause cause, int member, int rank) {
  v->cause = cause;
  v->failed_member = member;
  v->failed_rank = rank;
  v->exit_code = v->code = cause_exit_code(cause);
}

static bool failed(const struct ending *e) { return e->ended && e->code != 0; }

// The ending that comes first among those of the user's that failed; NULL if none did.
static const struct ending *first_failure(const struct facts *f) {
  if (f->launch == MPIRUN) return failed(&f->mpirun) && f->mpirun.signal != SIGKILL ? &f->mpirun : NULL;
  const struct ending *first = NULL;
  bool wrapped = ranks_wrapped(f->launch);
  int n = wrapped ? f->members * f->procs : f->members;
  for (int i = 0; i < n; i++) {
    const struct ending *e = wrapped ? &f->ranks[i].end : &f->peers[i].end;
    if (failed(e) && (first == NULL || e->order < first->order)) first = e;
  }
  return first;
}

// Somebody else killed mpirun: after a loss it was us. A command of the user's may die of a signal for reasons of its own,
// but for SIGKILL.
static bool killed(const struct facts *f) {
  if (f->trigger == LOST) return false;
  return f->launch == MPIRUN ? f->mpirun.signal == SIGKILL : f->mpirun.signal != 0;
}

// mpirun refused to launch: it failed of itself, with no rank started, and that began the end. Which end we heard of first,
// its own or its daemons', says nothing: they are milliseconds apart on different members. Not a refusal is the code by which
// Open MPI 4 tells of a lost daemon: ORTE_ERR_COMM_FAILURE, -51; Open MPI 5 ends with 0 then.
static bool refused(const struct facts *f) {
  enum { OPEN_MPI_4_DAEMON_LOST = 205 };
  return f->trigger == RANK_FAILED && failed(&f->mpirun) && f->mpirun.code != OPEN_MPI_4_DAEMON_LOST && facts_ranks(f) == 0;
}

// When the infrastructure failed under member i, or INT64_MAX. The daemons of an mpirun that refused only share its fate.
static int64_t loss_of(const struct facts *f, int i, const struct ending *failure) {
  const struct peer *p = &f->peers[i];
  if (p->lost && (failure == NULL || p->lost_at <= failure->at + CX_OVERTAKE_MS)) return p->lost_at;
  if (!led_by_mpirun(f->launch)) return INT64_MAX;
  const struct ending *e = i == 0 ? &f->mpirun : &p->end;
  // mpirun's own codes tell of ranks, or of a refusal.
  if (i == 0 ? !failed(e) || !killed(f) : !facts_daemon_lost(f, e)) return INT64_MAX;
  bool shares_fate = i > 0 && refused(f);
  return shares_fate || (failure != NULL && failure->order < e->order) ? INT64_MAX : e->at;
}

// The program that member i was to start.
static const char *what_was_called(const struct facts *f, int i) {
  if (f->launch == DIRECT || (f->launch == MPIRUN && i == 0)) return f->command;
  if (i == 0) return f->launch == MPICH ? "mpiexec.hydra" : "mpirun";
  return "MPI's daemon";
}

static bool judge_not_found(const struct facts *f, struct verdict *v) {
  int n = ranks_wrapped(f->launch) ? f->members * f->procs : 0;
  for (int r = 0; r < n; r++) {
    if (f->ranks[r].end.ended && f->ranks[r].end.code == CX_EXIT_NOT_FOUND) {
      set(v, COMMAND_NOT_FOUND, f->ranks[r].member, r);
      snprintf(v->message, sizeof v->message, "%.200s is not in the image, or cannot be executed (rank %d)", f->command, r);
      return true;
    }
  }
  for (int i = 0; i < f->members; i++) {
    const struct ending *e = i == 0 && led_by_mpirun(f->launch) ? &f->mpirun : &f->peers[i].end;
    if (!e->ended || e->code != CX_EXIT_NOT_FOUND) continue;
    set(v, COMMAND_NOT_FOUND, i, -1);
    const char *what = what_was_called(f, i);
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
  else if (v->failed_member == 0) snprintf(v->message, sizeof v->message, "%.200s was killed by signal %d", what_was_called(f, 0), f->mpirun.signal);
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

// Most ranks that end badly only follow the first one: mpirun tells them to end by SIGTERM (SIGKILL it would send to the
// wrapper, which then reports nothing), and Open MPI 5 makes ranks that lose a peer abort with MPI_ERR_UNKNOWN.
static bool follows(const struct ending *e) {
  enum { OPEN_MPI_ERR_UNKNOWN = 14 };
  return e->signal == SIGTERM || (e->signal == 0 && e->code == OPEN_MPI_ERR_UNKNOWN);
}

// The first of the ranks that failed: those that `follow` or those that do not, with this code or (-1) any.
static int first_rank(const struct facts *f, bool follow, int code) {
  int first = -1;
  for (int r = 0; r < f->members * f->procs; r++) {
    const struct ending *e = &f->ranks[r].end;
    if (!failed(e) || follows(e) != follow || (code >= 0 && e->code != code)) continue;
    if (first < 0 || e->order < f->ranks[first].end.order) first = r;
  }
  return first;
}

bool facts_failure_known(const struct facts *f) {
  int by_themselves = 0;
  for (int r = 0; r < f->members * f->procs; r++) by_themselves += failed(&f->ranks[r].end) && !follows(&f->ranks[r].end);
  return facts_started(f) && by_themselves == 1;
}

// The rank that began it, at best one that ended with mpirun's own code (MPI_Abort's too). If all the others only followed,
// mpirun knows of one that could not report.
static bool judge_rank(const struct facts *f, struct verdict *v) {
  if (first_failure(f) == NULL) return false;
  int code = failed(&f->mpirun) && f->mpirun.signal == 0 ? f->mpirun.code : -1;
  int r = code >= 0 ? first_rank(f, false, code) : -1;
  if (r < 0) r = first_rank(f, false, -1);
  if (r < 0 && code >= 0) r = first_rank(f, true, code);
  if (r < 0 && code >= 0) {
    fail_with(v, &f->mpirun, -1, -1, "the program");
    return true;
  }
  if (r < 0) r = first_rank(f, true, -1);
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
  const char *what = what_was_called(f, 0);
  if (!f->mpirun.ended) {
    set(v, MEMBER_LOST, 0, -1);
    snprintf(v->message, sizeof v->message, "%.200s did not end", what);
  } else if (ranks_wrapped(f->launch) && facts_ranks(f) == 0) {
    set(v, LAUNCH_FAILED, -1, -1);
    snprintf(v->message, sizeof v->message, "%.200s ended with %d and had started no rank", what, f->mpirun.code);
  } else {
    fail_with(v, &f->mpirun, -1, -1, what);
  }
  return true;
}

static bool judge_placement(const struct facts *f, struct verdict *v) {
  for (int i = 1; f->launch == MPIRUN && i < f->members; i++) {
    if (f->peers[i].asked) continue;
    set(v, RANKS_MISPLACED, i, -1);
    snprintf(v->message, sizeof v->message, "the command ended and had started nothing on member %d: does its mpirun start ranks on every host?", i);
    return true;
  }
  for (int i = 0; ranks_wrapped(f->launch) && i < f->members; i++) {
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
  if (ranks_wrapped(f->launch) && judge_rank(f, v)) return;
  if (f->launch == DIRECT ? judge_program(f, v) : judge_mpirun(f, v)) return;
  if (judge_placement(f, v)) return;
  set(v, COMPLETED, -1, -1);
  if (f->launch == MPIRUN) snprintf(v->message, sizeof v->message, "%.200s and the daemons on %d members ended with 0", f->command, f->members - 1);
  else if (ranks_wrapped(f->launch)) snprintf(v->message, sizeof v->message, "%d ranks on %d members ended with 0", facts_ranks(f), f->members);
  else snprintf(v->message, sizeof v->message, "the programs of %d members ended with 0", f->members);
}
