// The listening side: connections, the token, first lines, time limits. What the words mean is the head's business.
#ifndef CX_MAILBOX_H
#define CX_MAILBOX_H

#include "config.h"
#include "pollset.h"
#include "stream.h"

struct connection {
  struct stream stream;
  int64_t opened, heard;  // when it was accepted; when the last byte came
  int member;             // >= 1 once it has joined; 0 before
  bool trusted;           // its first line was good
  bool loopback;          // it comes from this pod
  int held;               // >= 1: its answer waits for the end of that member's daemon
  bool closing;           // to be closed as soon as what it is owed has been written
  int watched;
};

struct mailbox {
  const struct config *config;
  int listener, listener_watched;
  struct connection **connections;
  int count, capacity;
  // The head's ears. `words` may be cut up by the listener. Lost: why, in words for people.
  void *head;
  void (*on_request)(void *head, struct connection *from, char *words);
  void (*on_line)(void *head, int member, char *line);
  void (*on_lost)(void *head, int member, int64_t when, const char *why);
};

// False (errno set) if the port cannot be opened or memory is short.
bool mailbox_open(struct mailbox *m, const struct config *c);
void mailbox_watch(struct mailbox *m, struct pollset *p);
// Joined members first, then other connections, then new ones: news of a lost member must not be overtaken by what the
// loss makes other ranks report.
void mailbox_handle(struct mailbox *m, const struct pollset *p);
// Closes what has run out of time; returns when it wants to be called again (monotonic ms).
int64_t mailbox_tick(struct mailbox *m);

void mailbox_answer(struct connection *to, const char *line);  // answers and, unless it has joined, closes
void mailbox_join(struct mailbox *m, struct connection *c, int member);
bool mailbox_has(const struct mailbox *m, int member);
// IPv4 address of the member (0: this one, as the others reach it); false where there is none.
bool mailbox_address(const struct mailbox *m, int member, char *text, size_t size);
// Answers the connections that have waited for the end of the member's daemon.
void mailbox_release(struct mailbox *m, int member, const char *line);
// member -1: to all that have joined.
void mailbox_tell(struct mailbox *m, int member, const char *line);
// Writes out what is still owed, for at most limit_ms, and closes everything.
void mailbox_close(struct mailbox *m, int limit_ms);

#endif
