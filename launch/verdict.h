// What became of an attempt, from what member 0 saw. Pure: facts in, verdict out.
#ifndef CX_VERDICT_H
#define CX_VERDICT_H

#include "cx.h"

enum cause { COMPLETED, PROGRAM_FAILED, COMMAND_NOT_FOUND, RANKS_MISPLACED, MEMBER_LOST, LAUNCH_FAILED, STOPPED };

// What a process ended with; when (monotonic ms), and in which order we heard of it.
struct ending {
  bool ended;
  int code, signal;
  int64_t at;
  int order;
};

struct peer {
  bool joined, asked, started;  // asked: told to start its daemon or program
  struct ending end;            // of its daemon (the latest, mpirun) or its program (direct)
  bool lost;
  bool leaving;  // it told us before: its ranks have their grace
  int64_t lost_at;
  char why[96];
};

struct rank {
  bool reported;
  int member;
  struct ending end;
};

// What began the end of the attempt: what happened afterwards is mostly our own doing.
enum trigger { NOTHING, ASKED_TO_STOP, RANK_FAILED, LOST, MISPLACED, ALL_DONE };

struct facts {
  const char *command;  // the program's first word
  enum launch launch;
  int members, procs;
  struct peer *peers;  // [members]; [0] is member 0 itself
  struct rank *ranks;  // [members * procs], where ranks are wrapped
  bool launched;       // mpirun was started, or "go" was said
  struct ending mpirun;  // or mpiexec, or the user's command that calls it
  int exec_errno;  // member 0's own program or mpirun could not be started
  enum trigger trigger;
  char reason[256];  // of a stop
  double started_at, ended_at;
  int endings;  // counts them
};

struct verdict {
  enum cause cause;
  int exit_code;    // of the member
  int code, signal; // of the program; meaningless for COMPLETED
  int failed_member, failed_rank;  // -1: unknown
  char message[400];
};

// Takes note of an ending: of one of those above, once.
void facts_end(struct facts *f, struct ending *e, int code, int signal, int64_t now);

bool facts_started(const struct facts *f);   // the program runs, or ran, everywhere
int facts_ranks(const struct facts *f);      // ranks reported; where none is wrapped, members that started something
int facts_ranks_of(const struct facts *f, int member);
bool facts_misplaced(const struct facts *f);
// The daemon did not end by itself. Open MPI's end with 0 whatever becomes of the ranks; Hydra's have codes of their own when
// a rank fails, which mpiexec's code tells better.
bool facts_daemon_lost(const struct facts *f, const struct ending *daemon);
// This daemon of Open MPI ended badly by itself before any rank was there, and mpirun has not ended: either the daemon
// failed, or mpirun refuses to launch and has told its daemons first. mpirun's own end tells.
bool facts_may_be_refused(const struct facts *f, const struct ending *daemon);
// Every rank that had reported, and whose member is still there, has ended; false if none ever reported.
bool facts_ranks_ended(const struct facts *f);
// All ranks had started, and one of them alone has failed of itself: mpirun's end can name no other.
bool facts_failure_known(const struct facts *f);

void judge(const struct facts *f, struct verdict *v);

const char *cause_name(enum cause cause);
const char *cause_outcome(enum cause cause);
int cause_exit_code(enum cause cause);  // -1: the program's own

#endif
