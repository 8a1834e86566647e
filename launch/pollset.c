#include "pollset.h"

#include <stdlib.h>

void pollset_clear(struct pollset *p) { p->len = 0; }

int pollset_add(struct pollset *p, int fd, short events) {
  if (fd < 0) return -1;
  if (p->len == p->cap) {
    size_t cap = p->cap == 0 ? 64 : 2 * p->cap;
    struct pollfd *fds = realloc(p->fds, cap * sizeof *fds);
    if (fds == NULL) return -1;
    p->fds = fds;
    p->cap = cap;
  }
  p->fds[p->len] = (struct pollfd){.fd = fd, .events = events};
  return (int)p->len++;
}

short pollset_got(const struct pollset *p, int index) { return index < 0 ? 0 : p->fds[index].revents; }
