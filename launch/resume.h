#pragma once
#include <stdbool.h>
#include <stddef.h>

#include "verdict.h"

// Sets RESUME_FROM to what the file LATEST in CHECKPOINT_DIR names, or to nothing where there is no such file yet. False where
// there is one that cannot be read or names nothing: to begin anew then would be to lose what was saved. `error` says why in
// one line, and `cause` whether another attempt may find it in order (MEMBER_LOST) or not (LAUNCH_FAILED).
bool resume_prepare(enum cause *cause, char *error, size_t size);
