#ifndef CX_SCRATCH_H
#define CX_SCRATCH_H

// Empties TMPDIR (default /tmp) if this is a container's first process and the folder is a mount of its own, as the
// pod's emptyDir is. Open MPI 5 names its session folder by pid; pids repeat when a container starts again, and it
// refuses to start over what its predecessor left.
void scratch_empty(void);

#endif
