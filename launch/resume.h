#pragma once
#include <stdbool.h>

// Sets RESUME_FROM to what the file LATEST in CHECKPOINT_DIR names, or to nothing where there is no checkpoint yet.
// False when the environment cannot be set.
bool resume_prepare(void);
