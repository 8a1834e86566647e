#include "mailbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

// How many connections may wait for their first line or their answer, besides the members; and how long one of them
// is safe from being put out for a newer one when all places are taken.
enum { GUESTS = 32, GUEST_SAFE_MS = 200, BACKLOG = 4096 };

static int listen_on(int family, const char *port) {
  int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int on = 1, off = 0, bound;
  uint16_t number = htons((uint16_t)atoi(port));
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) {
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = number, .sin6_addr = in6addr_any};
    setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    bound = bind(fd, (struct sockaddr *)&any, sizeof any);
  } else {
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = number, .sin_addr = {htonl(INADDR_ANY)}};
    bound = bind(fd, (struct sockaddr *)&any, sizeof any);
  }
  if (bound == 0 && listen(fd, BACKLOG) == 0) return fd;
  int error = errno;
  close(fd);
  errno = error;
  return -1;
}

bool mailbox_open(struct mailbox *m, const struct config *c) {
  m->config = c;
  m->capacity = 2 * c->members + GUESTS;  // each member, and the hook that has called its daemon
  m->connections = calloc((size_t)m->capacity, sizeof *m->connections);
  if (m->connections == NULL) return false;
  m->listener = listen_on(AF_INET6, c->mailbox_port);
  if (m->listener < 0 && errno != EADDRINUSE) m->listener = listen_on(AF_INET, c->mailbox_port);
  return m->listener >= 0;
}

static bool is_loopback(const struct sockaddr_storage *a) {
  if (a->ss_family == AF_INET) return (ntohl(((const struct sockaddr_in *)a)->sin_addr.s_addr) >> 24) == 127;
  const struct in6_addr *six = &((const struct sockaddr_in6 *)a)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(six) || (IN6_IS_ADDR_V4MAPPED(six) && six->s6_addr[12] == 127);
}

static void drop(struct mailbox *m, int i) {
  struct connection *c = m->connections[i];
  m->connections[i] = m->connections[--m->count];
  stream_close(&c->stream);
  free(c);
}

// A joined member's connection is over; the head hears of it once.
static void lose(struct mailbox *m, int i, int64_t when, const char *why) {
  int member = m->connections[i]->member;
  bool news = member > 0 && !m->connections[i]->closing;
  drop(m, i);
  if (news) m->on_lost(m->head, member, when, why);
}

// The first line: "CX1 <token> <verb> …".
static void greet(struct mailbox *m, struct connection *c, char *line) {
  size_t head = strlen(CX_GREETING) + 1;
  bool shape = strlen(line) > head + CX_TOKEN_DIGITS + 1 && strncmp(line, CX_GREETING " ", head) == 0 &&
               line[head + CX_TOKEN_DIGITS] == ' ';
  if (!shape || !same_secret(line + head, m->config->token, CX_TOKEN_DIGITS)) {
    c->closing = true;
    return;
  }
  c->trusted = true;
  m->on_request(m->head, c, line + head + CX_TOKEN_DIGITS + 1);
}

// False when the connection is at its end.
static bool serve(struct mailbox *m, struct connection *c, bool readable) {
  int got = readable ? stream_read(&c->stream) : 0;
  if (got > 0) c->heard = now_ms();
  char *line;
  int lines = 0;
  while (!c->closing && (lines = stream_line(&c->stream, &line)) == 1) {
    if (!c->trusted) greet(m, c, line);
    else if (c->member > 0) m->on_line(m->head, c->member, line);
  }
  if (c->closing && !stream_pending(&c->stream)) return false;
  return lines >= 0 && got >= 0 && stream_flush(&c->stream);
}

static void accept_all(struct mailbox *m) {
  int64_t now = now_ms();
  for (;;) {
    if (m->count == m->capacity) {
      // All places are taken: the oldest guest has had its time. If none has, new ones wait in the kernel's queue.
      int oldest = -1;
      for (int i = 0; i < m->count; i++) {
        const struct connection *c = m->connections[i];
        if (c->member == 0 && c->held == 0 && (oldest < 0 || c->opened < m->connections[oldest]->opened)) oldest = i;
      }
      if (oldest < 0 || now - m->connections[oldest]->opened < GUEST_SAFE_MS) return;
      drop(m, oldest);
    }
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    int fd = accept4(m->listener, (struct sockaddr *)&peer, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    struct connection *c = calloc(1, sizeof *c);
    if (c == NULL) {
      close(fd);
      return;
    }
    stream_open(&c->stream, fd);
    c->opened = c->heard = now;
    c->loopback = is_loopback(&peer);
    c->watched = -1;
    m->connections[m->count++] = c;
  }
}

void mailbox_watch(struct mailbox *m, struct pollset *p) {
  for (int i = 0; i < m->count; i++) {
    struct connection *c = m->connections[i];
    c->watched = pollset_add(p, c->stream.fd, (short)(POLLIN | (stream_pending(&c->stream) ? POLLOUT : 0)));
  }
  // When full, the listener would report itself ready without end; the tick looks again after a while.
  m->listener_watched = m->count < m->capacity ? pollset_add(p, m->listener, POLLIN) : -1;
}

void mailbox_handle(struct mailbox *m, const struct pollset *p) {
  for (int joined = 1; joined >= 0; joined--) {
    for (int i = m->count - 1; i >= 0; i--) {
      struct connection *c = m->connections[i];
      short got = pollset_got(p, c->watched);
      if (got == 0 || (c->member > 0) != (joined == 1)) continue;
      c->watched = -1;  // one that joins just now is not served twice
      if (!serve(m, c, (got & (POLLIN | POLLHUP | POLLERR)) != 0)) lose(m, i, now_ms(), "its connection was closed");
    }
  }
  if (pollset_got(p, m->listener_watched) != 0) accept_all(m);
}

int64_t mailbox_tick(struct mailbox *m) {
  int64_t now = now_ms(), next = INT64_MAX;
  for (int i = m->count - 1; i >= 0; i--) {
    const struct connection *c = m->connections[i];
    if (c->held > 0) continue;  // it waits for us
    int64_t due = c->member > 0 ? c->heard + CX_SILENCE_MS : c->opened + CX_FIRST_LINE_MS;
    // A silent member was lost when its first ping stayed away, not when we gave up waiting.
    if (due <= now) lose(m, i, c->heard + CX_PING_MS, "it has been silent for 6 s");
    else if (due < next) next = due;
  }
  if (m->count == m->capacity) {
    accept_all(m);
    if (now + GUEST_SAFE_MS < next) next = now + GUEST_SAFE_MS;
  }
  return next;
}

void mailbox_answer(struct connection *to, const char *line) {
  stream_send(&to->stream, line);
  if (to->member == 0) to->closing = true;
}

void mailbox_join(struct mailbox *m, struct connection *c, int member) {
  (void)m;
  c->member = member;
}

bool mailbox_has(const struct mailbox *m, int member) {
  for (int i = 0; i < m->count; i++) {
    if (m->connections[i]->member == member) return true;
  }
  return false;
}

bool mailbox_address(const struct mailbox *m, int member, char *text, size_t size) {
  for (int i = 0; i < m->count; i++) {
    const struct connection *c = m->connections[i];
    struct sockaddr_in6 six = {0};
    socklen_t len = sizeof six;
    if (c->member <= 0 || (member > 0 && c->member != member)) continue;
    int result = member > 0 ? getpeername(c->stream.fd, (struct sockaddr *)&six, &len)
                            : getsockname(c->stream.fd, (struct sockaddr *)&six, &len);
    if (result != 0) return false;
    if (six.sin6_family == AF_INET) {
      const struct in_addr *four = &((const struct sockaddr_in *)(const void *)&six)->sin_addr;
      return inet_ntop(AF_INET, four, text, (socklen_t)size) != NULL;
    }
    if (!IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) return false;
    return inet_ntop(AF_INET, six.sin6_addr.s6_addr + 12, text, (socklen_t)size) != NULL;
  }
  return false;
}

void mailbox_release(struct mailbox *m, int member, const char *line) {
  for (int i = m->count - 1; i >= 0; i--) {
    struct connection *c = m->connections[i];
    if (c->held != member || c->closing) continue;
    c->held = 0;
    mailbox_answer(c, line);
  }
}

void mailbox_tell(struct mailbox *m, int member, const char *line) {
  for (int i = m->count - 1; i >= 0; i--) {
    struct connection *c = m->connections[i];
    if (c->member == 0 || (member >= 0 && c->member != member)) continue;
    // Not dropped here, for callers may be walking the list: a dead socket shows itself in the next round.
    if (!stream_send(&c->stream, line)) shutdown(c->stream.fd, SHUT_RDWR);
  }
}

void mailbox_close(struct mailbox *m, int limit_ms) {
  int64_t until = now_ms() + limit_ms;
  struct pollset p = {0};
  for (;;) {
    pollset_clear(&p);
    for (int i = m->count - 1; i >= 0; i--) {
      struct stream *s = &m->connections[i]->stream;
      if (!stream_flush(s) || !stream_pending(s)) continue;
      pollset_add(&p, s->fd, POLLOUT);
    }
    int64_t left = until - now_ms();
    if (p.len == 0 || left <= 0 || poll(p.fds, p.len, (int)left) <= 0) break;
  }
  while (m->count > 0) drop(m, m->count - 1);
  if (m->listener >= 0) close(m->listener);
  m->listener = -1;
  free(p.fds);
}
