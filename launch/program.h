// The one child of a member: mpirun, a daemon, or the user's command itself.
#ifndef CX_PROGRAM_H
#define CX_PROGRAM_H

#include <sys/types.h>

#include "output.h"

struct program {
  pid_t pid;  // leader of its process group; 0 before the start
  bool ended;
  int code, signal;  // when ended: 128 + signal, signal; or the exit code, 0
  int exec_errno;    // not 0 if it could not be started at all; it counts as ended with 127 then
  struct output out, err;
};

// stdin from /dev/null, stdout and stderr through us. False if it could not be started (see exec_errno).
bool program_start(struct program *p, char *const argv[]);
// After its end: passes on what it left in its pipes and makes place for another.
void program_forget(struct program *p);
bool program_running(const struct program *p);
// Sends to the whole process group.
void program_signal(const struct program *p, int signal);
// Called for every reaped child: takes note if it is this one.
void program_reaped(struct program *p, pid_t pid, int status);

#endif
