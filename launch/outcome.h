// The termination message: one JSON object in at most 4,000 bytes.
#ifndef CX_OUTCOME_H
#define CX_OUTCOME_H

#include "config.h"
#include "program.h"
#include "verdict.h"

// Member 0's, with the program's result and the end of its stderr.
void outcome_write(const struct config *c, const struct facts *f, const struct verdict *v, const struct program *p);

// A worker's; also member 0's when it never came as far as an attempt.
void outcome_write_short(const char *path, int member, const struct verdict *v);

#endif
