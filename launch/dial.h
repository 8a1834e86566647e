// Dialling the mailbox without ever blocking the event loop. Names are looked up by a child process, since the
// resolver blocks; headless records appear late, so every failure means: try again in 200 ms, for ever.
#ifndef CX_DIAL_H
#define CX_DIAL_H

#include <sys/socket.h>
#include <sys/types.h>

#include "config.h"
#include "pollset.h"

enum { DIAL_ADDRESSES = 4 };

struct dial {
  const struct config *config;
  enum { DIAL_WAITING, DIAL_RESOLVING, DIAL_CONNECTING, DIAL_DONE } state;
  int64_t deadline;   // of the state: when to go on, or to give up
  int64_t lookup_ms;  // bound of the next look-up
  int fd;             // the resolver's pipe, then the socket
  pid_t resolver;
  struct sockaddr_storage addresses[DIAL_ADDRESSES];
  size_t bytes, at;  // of `addresses`: received so far; the one being tried
  int watched;
};

void dial_begin(struct dial *d, const struct config *c, int64_t when);
void dial_watch(struct dial *d, struct pollset *p);
void dial_handle(struct dial *d, const struct pollset *p);
// Returns when it wants to be called again (monotonic ms).
int64_t dial_tick(struct dial *d);
// The connected socket, once; -1 as long as there is none.
int dial_take(struct dial *d);

#endif
