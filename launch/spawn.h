// Starting a process in a process group of its own.
#ifndef CX_SPAWN_H
#define CX_SPAWN_H

#include <sys/types.h>

// Called once, early: remembers the limits and the signal mask that children get back, and raises our own limit of
// open files (a mailbox of thousands of members needs more than the usual 1024).
void spawn_prepare(void);

// Starts argv (found by PATH) as the leader of a new process group, with default signals, which the kernel kills when
// this process dies. in, out, err: descriptors for its stdio; -1 keeps ours. If gate >= 0 the child waits for one byte
// from it before it becomes the program. *status receives a descriptor that yields an errno if the program could not
// be started, and nothing if it could: ask spawn_error. Returns the pid, or -1 (errno set).
pid_t spawn(char *const argv[], const int stdio[3], int gate, int *status);

// Waits until the child has become the program: 0, or the errno of its exec. Closes `status`.
int spawn_error(int status);

#endif
