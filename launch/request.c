#include "request.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util.h"

static bool ready_for(int fd, short events, int64_t until) {
  for (;;) {
    int64_t left = until - now_ms();
    struct pollfd p = {.fd = fd, .events = events};
    int n = poll(&p, 1, left > 0 ? (int)left : 0);
    if (n < 0 && errno == EINTR) continue;
    return n == 1;
  }
}

static int dial(const struct addrinfo *a, int64_t until) {
  int fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  int error = 0;
  socklen_t len = sizeof error;
  bool open = connect(fd, a->ai_addr, a->ai_addrlen) == 0;
  if (!open && errno == EINPROGRESS && ready_for(fd, POLLOUT, until)) {
    open = getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0;
  }
  if (open) return fd;
  close(fd);
  return -1;
}

static bool send_all(int fd, const char *text, size_t n, int64_t until) {
  while (n > 0) {
    ssize_t sent = send(fd, text, n, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return false;
    if (sent < 0 && !ready_for(fd, POLLOUT, until)) return false;
    if (sent > 0) {
      text += sent;
      n -= (size_t)sent;
    }
  }
  return true;
}

static bool read_answer(int fd, char *answer, size_t size, int64_t until) {
  size_t len = 0;
  while (len < size - 1 && ready_for(fd, POLLIN, until)) {
    ssize_t n = recv(fd, answer + len, size - 1 - len, 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (n <= 0) return false;
    len += (size_t)n;
    answer[len] = '\0';
    char *end = strchr(answer, '\n');
    if (end == NULL) continue;
    *end = '\0';
    return true;
  }
  return false;
}

enum request_result request(const struct config *c, const char *host, const char *words, char *answer, size_t size,
                            int timeout_ms) {
  enum request_result result = REQUEST_NO_ANSWER;
  int64_t until = now_ms() + timeout_ms;
  size_t n = strlen(words) + CX_TOKEN_DIGITS + 16;
  char *line = malloc(n);
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list = NULL;
  if (line == NULL || getaddrinfo(host, c->mailbox_port, &hints, &list) != 0) goto done;
  int len = snprintf(line, n, CX_GREETING " %s %s\n", c->token, words);
  for (struct addrinfo *a = list; a != NULL && result == REQUEST_NO_ANSWER; a = a->ai_next) {
    int fd = dial(a, until);
    if (fd < 0) continue;
    if (send_all(fd, line, (size_t)len, until) && read_answer(fd, answer, size, until)) result = REQUEST_ANSWERED;
    close(fd);
  }
done:
  if (list != NULL) freeaddrinfo(list);
  free(line);
  return result;
}

enum request_result request_here(const struct config *c, const char *words, char *answer, size_t size, int timeout_ms) {
  if (request(c, "127.0.0.1", words, answer, size, timeout_ms) == REQUEST_ANSWERED) return REQUEST_ANSWERED;
  return request(c, "::1", words, answer, size, timeout_ms);
}
