// What the mailbox hears, and what member 0 makes of it.
#include <stdio.h>
#include <string.h>

#include "head.h"
#include "hydra.h"
#include "util.h"

static void request_join(struct head *h, struct connection *from, const char *number) {
  int member;
  if (!parse_int(number, 1, h->facts.members - 1, &member)) mailbox_answer(from, "no such member");
  else if (mailbox_has(&h->mailbox, member)) mailbox_answer(from, "no taken");
  else if (h->collecting || h->facts.peers[member].joined) mailbox_answer(from, "no over");
  else {
    mailbox_join(&h->mailbox, from, member);
    mailbox_answer(from, "ok");
    h->facts.peers[member].joined = true;
  }
}

static bool is_host(const struct head *h, int member, const char *host) {
  char name[600];
  const struct config *c = &h->self->config;
  config_host(c, member, name, sizeof name);
  if (same_label(name, host)) return true;
  if (c->launch == OPENMPI) return false;
  hydra_host(&h->mailbox, member, name, sizeof name);
  return strcmp(name, host) == 0;
}

static void post(struct head *h, struct connection *from, int member, const char *coded, bool hold) {
  char line[CX_LINE_MAX];
  struct peer *p = &h->facts.peers[member];
  // A command line of the user's may call mpirun several times, one after the other.
  bool again = h->facts.launch == MPIRUN && p->asked;
  bool fits = snprintf(line, sizeof line, "run %s", coded) < (int)sizeof line;
  if (h->collecting || p->lost || !fits || (p->asked && !again)) mailbox_answer(from, "no longer");
  else if (again && !p->end.ended) mailbox_answer(from, "no " CX_BUSY);
  else {
    p->asked = true;
    p->end.ended = false;
    mailbox_tell(&h->mailbox, member, line);
    if (hold) from->held = member;
    else mailbox_answer(from, "ok");
  }
}

static void request_put(struct head *h, struct connection *from, const char *host, const char *coded, bool hold) {
  const struct config *c = &h->self->config;
  if (!from->loopback || !led_by_mpirun(c->launch) || coded == NULL) {
    mailbox_answer(from, "no put from here");
    return;
  }
  for (int i = 1; i < c->members; i++) {
    if (!is_host(h, i, host)) continue;
    post(h, from, i, coded, hold);
    return;
  }
  mailbox_answer(from, "no such host");
}

static struct rank *find_rank(struct head *h, const char *rank, const char *member, int *index, int *where) {
  const struct facts *f = &h->facts;
  if (!ranks_wrapped(f->launch) || !parse_int(rank, 0, f->members * f->procs - 1, index)) return NULL;
  return parse_int(member, 0, f->members - 1, where) ? &f->ranks[*index] : NULL;
}

static void request_rank(struct head *h, struct connection *from, char **words) {
  int index, member;
  struct rank *r = find_rank(h, words[0], words[1], &index, &member);
  if (r == NULL) mailbox_answer(from, "no such rank");
  else if (h->collecting) mailbox_answer(from, "no over");
  else if (r->reported && r->member != member) mailbox_answer(from, "no taken");
  else {
    r->reported = true;
    r->member = member;
    mailbox_answer(from, "ok");
    if (facts_started(&h->facts) && facts_misplaced(&h->facts)) head_end(h, MISPLACED, "the ranks are misplaced");
  }
}

static void request_rankexit(struct head *h, struct connection *from, char **words) {
  int index, member, code, signal;
  struct rank *r = find_rank(h, words[0], words[1], &index, &member);
  bool good = r != NULL && r->reported && r->member == member && parse_int(words[2], 0, 255, &code) &&
              parse_int(words[3], 0, 64, &signal);
  mailbox_answer(from, good ? "ok" : "no such rank");
  if (!good || r->end.ended) return;
  facts_end(&h->facts, &r->end, code, signal, now_ms());
  if (code != 0) head_end_failed(h, RANK_FAILED, "rank", index, &r->end);
}

static void request_signal(struct head *h, struct connection *from, const char *name) {
  int number = name == NULL ? 0 : signal_number(name);
  if (number == 0) {
    mailbox_answer(from, "no such signal");
    return;
  }
  char line[32];
  snprintf(line, sizeof line, "signal %s", name);
  mailbox_tell(&h->mailbox, -1, line);
  member_signal(h->self, number);
  mailbox_answer(from, "ok");
}

static void request_status(struct head *h, struct connection *from) {
  char line[128];
  const struct facts *f = &h->facts;
  snprintf(line, sizeof line, "{\"joined\":%d,\"members\":%d,\"started\":%s,\"ranks\":%d}", head_joined(f) + 1, f->members,
           facts_started(f) ? "true" : "false", facts_ranks(f));
  mailbox_answer(from, line);
}

static void stop_by_operator(struct head *h, struct connection *from, const char *reason) {
  char text[200];
  size_t n = 0;
  for (const char *at = reason; *at != '\0' && n < sizeof text - 1; at++) text[n++] = (unsigned char)*at < 0x20 ? ' ' : *at;
  text[n] = '\0';
  mailbox_answer(from, "ok");
  head_end(h, ASKED_TO_STOP, n == 0 ? "the operator asked" : text);
}

static void on_request(void *head, struct connection *from, char *words) {
  struct head *h = head;
  char *word[5] = {0}, *rest = words;
  if (strncmp(words, "stop", 4) == 0 && (words[4] == ' ' || words[4] == '\0')) {
    stop_by_operator(h, from, words[4] == ' ' ? words + 5 : "");
    return;
  }
  for (int i = 0; i < 5 && rest != NULL; i++) word[i] = strsep(&rest, " ");
  if (rest != NULL) from->closing = true;  // more words than any verb has
  else if (strcmp(word[0], "join") == 0) request_join(h, from, word[1]);
  else if (strcmp(word[0], "put") == 0) request_put(h, from, word[1] == NULL ? "" : word[1], word[2], false);
  else if (strcmp(word[0], "hold") == 0) request_put(h, from, word[1] == NULL ? "" : word[1], word[2], true);
  else if (strcmp(word[0], "rank") == 0) request_rank(h, from, word + 1);
  else if (strcmp(word[0], "rankexit") == 0) request_rankexit(h, from, word + 1);
  else if (strcmp(word[0], "signal") == 0) request_signal(h, from, word[1]);
  else if (strcmp(word[0], "status") == 0) request_status(h, from);
  else from->closing = true;
}

static void on_lost(void *head, int member, int64_t when, const char *why) {
  struct head *h = head;
  struct peer *p = &h->facts.peers[member];
  // It has done all that was asked of it; a command line of the user's may ask for more.
  bool done = p->asked && p->end.ended && (h->facts.launch != MPIRUN || h->facts.mpirun.ended);
  if (p->lost || done) return;
  p->lost = true;
  p->lost_at = when;
  snprintf(p->why, sizeof p->why, "%s", why);
  char reason[160];
  snprintf(reason, sizeof reason, "member %d was lost: %s", member, why);
  say("%s", reason);
  head_end(h, LOST, reason);
}

static void on_line(void *head, int member, char *line) {
  struct head *h = head;
  struct peer *p = &h->facts.peers[member];
  char *word = strsep(&line, " ");
  if (strcmp(word, "started") == 0) p->started = p->asked;
  if (strcmp(word, "leaving") == 0) {
    p->leaving = !p->lost;
    on_lost(h, member, now_ms(), "it was told to end (SIGTERM)");
  }
  if (strcmp(word, "exit") != 0 || !p->asked || p->end.ended || line == NULL) return;
  int code, signal;
  char *first = strsep(&line, " ");
  if (!parse_int(first, 0, 255, &code) || !parse_int(line, 0, 64, &signal)) return;
  facts_end(&h->facts, &p->end, code, signal, now_ms());
  char answer[32];
  snprintf(answer, sizeof answer, "ended %d", code);
  mailbox_release(&h->mailbox, member, answer);
  if (code == 0) return;
  if (h->facts.launch == DIRECT) head_end_failed(h, RANK_FAILED, "the program of member", member, &p->end);
  else head_lose_daemons(h);
}

void head_listen(struct head *h) {
  h->mailbox.head = h;
  h->mailbox.on_request = on_request;
  h->mailbox.on_line = on_line;
  h->mailbox.on_lost = on_lost;
}
