#include "dial.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "util.h"

// A datagram that a node's address translation loses is lost for its socket, and a resolver asks again from the same one
// seconds later: a first look-up gets less time than that, and the next one, from a new socket, twice as much.
enum { FIRST_LOOKUP_MS = 2000, LONGEST_LOOKUP_MS = 15000, CONNECT_MS = 5000 };

void dial_begin(struct dial *d, const struct config *c, int64_t when) {
  memset(d, 0, sizeof *d);
  d->config = c;
  d->fd = -1;
  d->watched = -1;
  d->deadline = when;
  d->lookup_ms = FIRST_LOOKUP_MS;
}

static void again(struct dial *d) {
  if (d->fd >= 0) close(d->fd);
  if (d->resolver > 0) kill(d->resolver, SIGKILL);  // reaped with all other children
  bool slow = d->state == DIAL_RESOLVING && now_ms() >= d->deadline;
  int64_t lookup_ms = slow ? 2 * d->lookup_ms : d->lookup_ms;
  dial_begin(d, d->config, now_ms() + CX_RETRY_MS);
  d->lookup_ms = lookup_ms < LONGEST_LOOKUP_MS ? lookup_ms : LONGEST_LOOKUP_MS;
}

static _Noreturn void resolve(const struct config *c, int to) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getaddrinfo(c->mailbox_host, c->mailbox_port, &hints, &list) != 0) _exit(1);
  int n = 0;
  for (struct addrinfo *a = list; a != NULL && n < DIAL_ADDRESSES; a = a->ai_next, n++) {
    struct sockaddr_storage s = {0};
    if (a->ai_addrlen > sizeof s) continue;
    memcpy(&s, a->ai_addr, a->ai_addrlen);
    if (write(to, &s, sizeof s) != (ssize_t)sizeof s) break;
  }
  _exit(0);
}

static void start_resolver(struct dial *d) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0) {
    again(d);
    return;
  }
  d->resolver = fork();
  if (d->resolver == 0) resolve(d->config, fds[1]);
  close(fds[1]);
  d->fd = fds[0];
  fcntl(d->fd, F_SETFL, O_NONBLOCK);
  if (d->resolver < 0) {
    again(d);
    return;
  }
  d->state = DIAL_RESOLVING;
  d->deadline = now_ms() + d->lookup_ms;
}

// Tries the addresses in turn, beginning with number d->at.
static void connect_next(struct dial *d) {
  for (; d->at < d->bytes / sizeof d->addresses[0]; d->at++) {
    const struct sockaddr_storage *a = &d->addresses[d->at];
    socklen_t len = a->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    d->fd = socket(a->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (d->fd >= 0 && (connect(d->fd, (const struct sockaddr *)a, len) == 0 || errno == EINPROGRESS)) {
      d->state = DIAL_CONNECTING;
      d->deadline = now_ms() + CONNECT_MS;
      return;
    }
    if (d->fd >= 0) close(d->fd);
    d->fd = -1;
  }
  again(d);
}

static void read_addresses(struct dial *d) {
  ssize_t n = read(d->fd, (char *)d->addresses + d->bytes, sizeof d->addresses - d->bytes);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0 && (d->bytes += (size_t)n) < sizeof d->addresses) return;
  close(d->fd);
  d->fd = -1;
  d->resolver = 0;
  connect_next(d);
}

static void check_connection(struct dial *d) {
  int error = 0;
  socklen_t len = sizeof error;
  if (getsockopt(d->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0) {
    d->state = DIAL_DONE;
    return;
  }
  close(d->fd);
  d->fd = -1;
  d->at++;
  connect_next(d);
}

void dial_watch(struct dial *d, struct pollset *p) {
  d->watched = -1;
  if (d->state == DIAL_RESOLVING) d->watched = pollset_add(p, d->fd, POLLIN);
  if (d->state == DIAL_CONNECTING) d->watched = pollset_add(p, d->fd, POLLOUT);
}

void dial_handle(struct dial *d, const struct pollset *p) {
  if (pollset_got(p, d->watched) == 0) return;
  if (d->state == DIAL_RESOLVING) read_addresses(d);
  else if (d->state == DIAL_CONNECTING) check_connection(d);
}

int64_t dial_tick(struct dial *d) {
  if (d->state == DIAL_DONE) return INT64_MAX;
  if (now_ms() >= d->deadline) {
    if (d->state == DIAL_WAITING) start_resolver(d);
    else again(d);
  }
  return d->deadline;
}

int dial_take(struct dial *d) {
  if (d->state != DIAL_DONE) return -1;
  int fd = d->fd;
  d->fd = -1;
  return fd;
}
