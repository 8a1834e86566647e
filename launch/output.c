#include "output.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

enum { DRAIN_MS = 2000 };

static const char marker[] = "COXSWAIN_RESULT ";

void output_open(struct output *o, int from, int to) {
  memset(o, 0, sizeof *o);
  o->from = from;
  o->to = to;
  o->watched = -1;
}

static void end_line(struct output *o) {
  size_t head = sizeof marker - 1;
  o->line[o->line_len] = '\0';
  if (o->line_len >= head && memcmp(o->line, marker, head) == 0) {
    memcpy(o->result, o->line + head, o->line_len - head + 1);
    o->has_result = true;
    o->result_long = o->line_long;
  }
  o->line_len = 0;
  o->line_long = false;
}

static void keep(struct output *o, const char *data, size_t n) {
  for (size_t i = 0; i < n; i++) {
    o->tail[o->seen++ % OUTPUT_TAIL] = data[i];
    if (data[i] == '\n') end_line(o);
    else if (o->line_len < OUTPUT_LINE) o->line[o->line_len++] = data[i];
    else o->line_long = true;
  }
}

// At most PIPE_BUF bytes at a time and only when poll says so: a blocking descriptor then does not block, and we need
// not make it non-blocking for everybody else who holds it.
static void push(struct output *o) {
  while (o->written < o->held) {
    struct pollfd p = {.fd = o->to, .events = POLLOUT};
    if (poll(&p, 1, 0) != 1) return;
    size_t n = o->held - o->written;
    ssize_t w = p.revents & POLLOUT ? write(o->to, o->pending + o->written, n < PIPE_BUF ? n : PIPE_BUF) : -1;
    if (w < 0 && (errno == EAGAIN || errno == EINTR) && (p.revents & POLLOUT)) return;
    // Nobody reads our log any more: the program must not suffer for it.
    o->written = w < 0 ? o->held : o->written + (size_t)w;
  }
  o->written = o->held = 0;
}

static void pull(struct output *o) {
  ssize_t n = read(o->from, o->pending, sizeof o->pending);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (n <= 0) {
    close(o->from);
    o->from = -1;
    if (o->line_len > 0) end_line(o);
    return;
  }
  keep(o, o->pending, (size_t)n);
  o->held = (size_t)n;
  push(o);
}

void output_watch(struct output *o, struct pollset *p) {
  if (o->held > 0) o->watched = pollset_add(p, o->to, POLLOUT);
  else o->watched = pollset_add(p, o->from, POLLIN);
}

void output_handle(struct output *o, const struct pollset *p) {
  if (pollset_got(p, o->watched) == 0) return;
  if (o->held > 0) push(o);
  else if (o->from >= 0) pull(o);
}

void output_close(struct output *o) {
  if (o->from >= 0) close(o->from);
  o->from = -1;
}

void output_drain(struct output *out, struct output *err, int quiet_ms) {
  int64_t until = now_ms() + DRAIN_MS;
  struct pollset p = {0};
  while ((out->from >= 0 || err->from >= 0 || out->held > 0 || err->held > 0) && now_ms() < until) {
    pollset_clear(&p);
    output_watch(out, &p);
    output_watch(err, &p);
    bool writing = out->held > 0 || err->held > 0;
    if (poll(p.fds, p.len, writing ? (int)(until - now_ms()) : quiet_ms) <= 0) break;
    output_handle(out, &p);
    output_handle(err, &p);
  }
  free(p.fds);
  // An unfinished last line is a line too.
  if (out->line_len > 0) end_line(out);
}

size_t output_tail(const struct output *o, char tail[OUTPUT_TAIL]) {
  size_t n = o->seen < OUTPUT_TAIL ? o->seen : OUTPUT_TAIL;
  for (size_t i = 0; i < n; i++) tail[i] = o->tail[(o->seen - n + i) % OUTPUT_TAIL];
  return n;
}
