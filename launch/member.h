// What every member does, whatever its part: one child, its output, its ranks, its signals, one event loop.
#ifndef CX_MEMBER_H
#define CX_MEMBER_H

#include "config.h"
#include "pollset.h"
#include "program.h"

struct member {
  struct config config;
  char **command;  // the user's
  struct program program;
  bool stopping;    // SIGTERM has been sent
  int64_t kill_at;  // when SIGKILL follows
  // The part it plays: head (member 0) or worker.
  void *part;
  void (*watch)(void *part, struct pollset *p);
  void (*handle)(void *part, const struct pollset *p);
  // Looks at the clock and at what has changed; returns when it wants to be called again (monotonic ms).
  int64_t (*tick)(void *part);
  void (*terminate)(void *part);  // this member got SIGTERM
  bool done;
  int exit_code;
};

// Starts the command itself.
bool member_start(struct member *m, char *const argv[]);

// Sends a signal to every rank of this pod (direct: to the program).
void member_signal(struct member *m, int signal);

// SIGTERM to the ranks now, SIGKILL to everything after the grace. Calling it again changes nothing. Ranks that nobody has
// wrapped are told by their own mpirun, once the command on member 0 has been told.
void member_stop(struct member *m);

// SIGKILL to everything in so many milliseconds, or sooner where the grace is over sooner. For what is being stopped.
void member_hasten(struct member *m, int ms);

// True while what is being stopped here still runs and has time to end by itself.
bool member_saving(const struct member *m);

// SIGKILL to all that is left here.
void member_kill(struct member *m);

// The two parts; they fill in the fields above.
bool head_begin(struct member *m);
bool worker_begin(struct member *m);

#endif
