#include "outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"
#include "util.h"

// Kubernetes cuts at 4,096 bytes. The head of the object, its message and the longest result leave room for the rest.
enum { OUTCOME_MAX = 4000, MESSAGE_MAX = 480, CLOSING = 8 };

static void write_message(const char *path, const struct json *j) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  bool written = fd >= 0 && write(fd, j->data, j->len) == (ssize_t)j->len;
  if (!written) say("cannot write the termination message %s: %s", path, strerror(errno));
  if (fd >= 0) close(fd);
}

static void begin(struct json *j, int member, enum cause cause, const char *message) {
  json_format(j, "{\"cx\":1,\"member\":%d,\"outcome\":\"%s\",\"cause\":\"%s\",\"message\":", member, cause_outcome(cause),
              cause_name(cause));
  json_text(j, message, strlen(message), MESSAGE_MAX, false);
}

// The result that rank 0 left: the file, else the last marked line of its stdout. NULL, with a word in `problem` if
// there was something that cannot be used.
static const char *find_result(const struct config *c, const struct output *out, char copy[CX_RESULT_MAX + 1],
                               const char **problem) {
  char path[PATH_MAX], text[16384];
  config_path(c, "result.json", path);
  *problem = NULL;
  if (access(path, F_OK) == 0) {
    ssize_t n = read_small_file(path, text, sizeof text);
    if (n <= 0 || strlen(text) != (size_t)n) *problem = "; its result file cannot be used: empty, unreadable or far too long";
  } else if (out->has_result) {
    memcpy(text, out->result, sizeof out->result);
    if (out->result_long) *problem = "; its result is longer than 2000 bytes and is left out";
  } else {
    return NULL;
  }
  if (*problem != NULL) return NULL;
  if (json_object(text, copy, CX_RESULT_MAX + 1)) return copy;
  *problem = strlen(text) > CX_RESULT_MAX ? "; its result is longer than 2000 bytes and is left out"
                                          : "; its result is not a JSON object and is left out";
  return NULL;
}

static void add_ranks(struct json *j, const struct facts *f) {
  size_t before = j->len;
  json_raw(j, ",\"ranks\":[");
  for (int i = 0; i < f->members; i++) json_format(j, i == 0 ? "%d" : ",%d", facts_ranks_of(f, i));
  json_raw(j, "]");
  if (!j->full) return;
  j->full = false;  // a gang so large that the list does not fit: leave it out
  j->len = before;
}

static void add_tail(struct json *j, const struct program *p) {
  char tail[OUTPUT_TAIL];
  size_t n = output_tail(&p->err, tail);
  if (n == 0) n = output_tail(&p->out, tail);
  size_t room = j->cap - j->len;
  if (n == 0 || room < 64) return;
  json_raw(j, ",\"tail\":");
  json_text(j, tail, n, room - 32, true);
}

void outcome_write(const struct config *c, const struct facts *f, const struct verdict *v, const struct program *p) {
  char data[OUTCOME_MAX + 1], result[CX_RESULT_MAX + 1], message[512];
  const char *problem;
  const char *found = find_result(c, &p->out, result, &problem);
  snprintf(message, sizeof message, "%s%s", v->message, problem == NULL ? "" : problem);
  struct json j = {.data = data, .cap = sizeof data - CLOSING};
  begin(&j, c->member, v->cause, message);
  json_format(&j, ",\"code\":%d,\"signal\":%d", v->code, v->signal);
  if (v->failed_member >= 0) json_format(&j, ",\"failedMember\":%d", v->failed_member);
  if (v->failed_rank >= 0) json_format(&j, ",\"failedRank\":%d", v->failed_rank);
  json_format(&j, ",\"started\":%s", facts_started(f) ? "true" : "false");
  if (f->launched) json_format(&j, ",\"startedAt\":%.3f,\"endedAt\":%.3f", f->started_at, f->ended_at);
  json_raw(&j, ",\"result\":");
  json_raw(&j, found == NULL ? "null" : found);
  if (ranks_wrapped(f->launch)) add_ranks(&j, f);
  add_tail(&j, p);
  j.cap = sizeof data;
  json_raw(&j, "}\n");
  write_message(c->termination, &j);
  say("%s: %s", cause_name(v->cause), message);
}

void outcome_write_short(const char *path, int member, const struct verdict *v) {
  char data[OUTCOME_MAX + 1];
  struct json j = {.data = data, .cap = sizeof data};
  begin(&j, member, v->cause, v->message);
  json_format(&j, ",\"code\":%d,\"signal\":%d", v->code, v->signal);
  if (v->failed_member >= 0) json_format(&j, ",\"failedMember\":%d", v->failed_member);
  json_raw(&j, "}\n");
  write_message(path, &j);
  say("%s: %s", cause_name(v->cause), v->message);
}
