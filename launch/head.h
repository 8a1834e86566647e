// Member 0: its state, and the little that its course (head.c) and its ears (requests.c) need of each other.
#ifndef CX_HEAD_H
#define CX_HEAD_H

#include "mailbox.h"
#include "member.h"
#include "verdict.h"

struct head {
  struct member *self;
  struct mailbox mailbox;
  struct facts facts;
  bool collecting;        // the end has begun
  bool told_to_stop;      // the workers have been told
  int64_t began_end, collect_until, next_ping;
};

// Members that have joined, this one aside.
int head_joined(const struct facts *f);

// Begins the end of the attempt. The first trigger counts; what follows from our own stopping is no news.
void head_end(struct head *h, enum trigger trigger, const char *reason);
// The same, for "<what> <index> ended with <code>".
void head_end_failed(struct head *h, enum trigger trigger, const char *what, int index, const struct ending *e);
// Begins it with the first daemon that was lost, if one was and mpirun has not ended.
void head_lose_daemons(struct head *h);

// Makes the mailbox call requests.c.
void head_listen(struct head *h);

#endif
