#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cx.h"

// Room for one `run` line and a long row of pings: more unread output means that the peer is gone.
enum { OUT_MAX = 2 * CX_LINE_MAX, IN_MAX = CX_LINE_MAX + 1, FIRST_CAP = 512 };

bool buffer_add(struct buffer *b, const void *data, size_t n, size_t limit) {
  if (n > limit || b->len > limit - n) return false;
  if (b->len + n > b->cap) {
    size_t cap = b->cap == 0 ? FIRST_CAP : b->cap;
    while (cap < b->len + n) cap *= 2;
    char *data_now = realloc(b->data, cap);
    if (data_now == NULL) return false;
    b->data = data_now;
    b->cap = cap;
  }
  if (n > 0) memcpy(b->data + b->len, data, n);
  b->len += n;
  return true;
}

void buffer_drop(struct buffer *b, size_t n) {
  if (n == 0) return;
  memmove(b->data, b->data + n, b->len - n);
  b->len -= n;
}

void buffer_free(struct buffer *b) {
  free(b->data);
  memset(b, 0, sizeof *b);
}

void stream_open(struct stream *s, int fd) {
  memset(s, 0, sizeof *s);
  s->fd = fd;
}

void stream_close(struct stream *s) {
  if (s->fd >= 0) close(s->fd);
  buffer_free(&s->in);
  buffer_free(&s->out);
  s->fd = -1;
  s->taken = 0;
}

int stream_read(struct stream *s) {
  buffer_drop(&s->in, s->taken);
  s->taken = 0;
  char chunk[4096];
  int got = 0;
  while (s->in.len < IN_MAX) {
    size_t room = IN_MAX - s->in.len;
    ssize_t n = recv(s->fd, chunk, room < sizeof chunk ? room : sizeof chunk, MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return got;
    // What came before the end still counts: report it now, the end is found again at the next read.
    if (n <= 0) return got == 1 ? 1 : -1;
    if (!buffer_add(&s->in, chunk, (size_t)n, IN_MAX)) return -1;
    got = 1;
  }
  return got;
}

int stream_line(struct stream *s, char **line) {
  size_t left = s->in.len - s->taken;
  if (left == 0) return 0;
  char *start = s->in.data + s->taken;
  char *end = memchr(start, '\n', left);
  if (end == NULL) return left >= CX_LINE_MAX ? -1 : 0;
  if (memchr(start, '\0', (size_t)(end - start)) != NULL) return -1;
  *end = '\0';
  s->taken += (size_t)(end - start) + 1;
  *line = start;
  return 1;
}

bool stream_send(struct stream *s, const char *line) {
  if (!buffer_add(&s->out, line, strlen(line), OUT_MAX) || !buffer_add(&s->out, "\n", 1, OUT_MAX)) return false;
  return stream_flush(s);
}

bool stream_flush(struct stream *s) {
  while (s->out.len > 0) {
    ssize_t n = send(s->fd, s->out.data, s->out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    buffer_drop(&s->out, (size_t)n);
  }
  return true;
}

bool stream_pending(const struct stream *s) { return s->out.len > 0; }
