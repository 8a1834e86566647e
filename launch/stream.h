// A non-blocking socket that speaks lines, and the memory behind it.
#ifndef CX_STREAM_H
#define CX_STREAM_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
  char *data;
  size_t len, cap;
};

// False when out of memory or when the buffer would pass `limit`; the buffer is unchanged then.
bool buffer_add(struct buffer *b, const void *data, size_t n, size_t limit);
void buffer_drop(struct buffer *b, size_t n);
void buffer_free(struct buffer *b);

struct stream {
  int fd;
  struct buffer in, out;
  size_t taken;  // bytes of `in` already handed out as lines
};

void stream_open(struct stream *s, int fd);
void stream_close(struct stream *s);

// Reads what is there, at most one line's length. 1: something, 0: nothing now, -1: closed or broken.
int stream_read(struct stream *s);

// The next whole line, NUL-terminated and without its LF, valid until the next stream_read. 1: a line, 0: none yet,
// -1: a line longer than CX_LINE_MAX or with a NUL inside (the peer does not speak the protocol).
int stream_line(struct stream *s, char **line);

// Queues one line (LF added) and writes what the socket takes. False: broken, or the peer has not read for too long.
bool stream_send(struct stream *s, const char *line);
bool stream_flush(struct stream *s);
bool stream_pending(const struct stream *s);

#endif
