// The program's stdout and stderr on their way to the container's log: everything passes unchanged, the end is kept.
#ifndef CX_OUTPUT_H
#define CX_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cx.h"
#include "pollset.h"

enum { OUTPUT_TAIL = 2048, OUTPUT_CHUNK = 65536, OUTPUT_LINE = CX_RESULT_MAX + 64 };

struct output {
  int from, to;  // from: our end of the program's pipe, -1 when it has ended; to: our own stdout or stderr
  int watched;   // index in the pollset
  char pending[OUTPUT_CHUNK];
  size_t written, held;
  char tail[OUTPUT_TAIL];  // a ring: the last min(seen, OUTPUT_TAIL) bytes
  size_t seen;
  // The last line that begins with COXSWAIN_RESULT, for programs that cannot write the file.
  char line[OUTPUT_LINE + 1], result[OUTPUT_LINE + 1];
  size_t line_len;
  bool line_long, has_result, result_long;
};

void output_open(struct output *o, int from, int to);
void output_watch(struct output *o, struct pollset *p);
void output_handle(struct output *o, const struct pollset *p);

// Closes our end.
void output_close(struct output *o);

// Passes on what the program left in its pipes: until both have ended, or nothing came for `quiet_ms` (a grandchild
// may hold a pipe open for ever), but for 2 s at most.
void output_drain(struct output *out, struct output *err, int quiet_ms);

// The kept end in order; its length (at most OUTPUT_TAIL).
size_t output_tail(const struct output *o, char tail[OUTPUT_TAIL]);

#endif
