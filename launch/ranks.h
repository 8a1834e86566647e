// The ranks of this pod. Their wrappers are grandchildren (mpirun's or a daemon's children), so each leaves a file in
// CX_DIR/ranks with its own pid, its program's pid, and the start times that tell a reused pid from the real one.
#ifndef CX_RANKS_H
#define CX_RANKS_H

#include "config.h"

#include <sys/types.h>

// Makes the folder and removes what an earlier start of the container left in it.
bool ranks_prepare(const struct config *c);

// Called by a wrapper for itself.
bool ranks_enter(const struct config *c, pid_t program);
void ranks_leave(const struct config *c);

// SIGTERM, SIGUSR1, … go to the wrappers, which pass them on exactly once; SIGKILL goes to the programs' groups too; 0
// only counts. Returns how many ranks had not ended.
int ranks_signal(const struct config *c, int signal);

#endif
