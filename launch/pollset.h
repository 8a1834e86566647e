// The file descriptors of one round of the event loop. Filled anew each round: whoever watches keeps the index it got.
#ifndef CX_POLLSET_H
#define CX_POLLSET_H

#include <poll.h>
#include <stddef.h>

struct pollset {
  struct pollfd *fds;
  size_t len, cap;
};

void pollset_clear(struct pollset *p);
// Index of the descriptor, or -1 when out of memory or fd is negative: then it is simply not watched this round.
int pollset_add(struct pollset *p, int fd, short events);
// What happened to it; 0 for index -1.
short pollset_got(const struct pollset *p, int index);

#endif
