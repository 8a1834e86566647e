// Words and numbers that every part of cx-launch shares. Their meaning: docs/launch-protocol.md.
#ifndef CX_H
#define CX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CX_GREETING "CX1"
#define CX_BUSY "the daemon of an earlier mpirun still runs there"
#define CX_TOKEN_DIGITS 64
#define CX_LINE_MAX 65536
#define CX_RESULT_MAX 2000

// Milliseconds.
enum {
  CX_RETRY_MS = 200,
  CX_PING_MS = 2000,
  CX_SILENCE_MS = 6000,
  CX_FIRST_LINE_MS = 5000,
  CX_COLLECT_MS = 5000,
  // A rank notices a dead peer within milliseconds, and its report may overtake the end of the dead member's own
  // connection: a loss seen this long after the first failed rank still counts as the cause of it.
  CX_OVERTAKE_MS = 1000,
  // What ranks of MPI get, whatever their grace is, to end when one of them has failed or a member is gone: without it nothing
  // whole can be saved, and few can even finalize. (mpirun kills those that outlive a failed one a second after it has asked
  // them to end; Open MPI 4's then takes two more to end itself.)
  CX_FOLLOW_MS = 2000,
};

// Who starts the ranks: each member its own program; an mpirun or mpiexec that cx-launch calls; or the user's command on
// member 0, which calls mpirun or mpiexec itself.
enum launch { DIRECT, OPENMPI, MPICH, MPIRUN };

// Member 0's program is, or calls, an mpirun, whose daemons the workers start.
static inline bool led_by_mpirun(enum launch launch) { return launch != DIRECT; }
// Each rank is wrapped by cx-launch, which reports where it runs and how it ends.
static inline bool ranks_wrapped(enum launch launch) { return launch == OPENMPI || launch == MPICH; }

// Exit codes of a member that are not the program's own.
enum { CX_EXIT_MISPLACED = 70, CX_EXIT_LAUNCH = 71, CX_EXIT_LOST = 75, CX_EXIT_NOT_FOUND = 127, CX_EXIT_STOPPED = 143 };

// The verbs, each of which is one way to run this binary. They return the exit code.
int install_main(int argc, char **argv);
int member_main(int argc, char **argv);
int ready_main(void);
int hook_main(int argc, char **argv);
int hold_main(int argc, char **argv);
int rank_main(int argc, char **argv);

#endif
