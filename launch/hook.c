// The remote-shell hook of Open MPI and of MPICH's Hydra: instead of reaching out to the host, it posts the daemon's command in the mailbox, where
// the worker of that host is waiting for it.
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "request.h"
#include "util.h"

enum { HOOK_TIMEOUT_MS = 30000, BUSY_RETRY_MS = 100 };

// The words as ssh would hand them to the remote shell: joined by blanks, quotes and all.
static char *join(int argc, char **argv) {
  size_t n = 1;
  for (int i = 0; i < argc; i++) n += strlen(argv[i]) + 1;
  char *text = malloc(n);
  if (text == NULL) return NULL;
  char *at = text;
  for (int i = 0; i < argc; i++) at += sprintf(at, i == 0 ? "%s" : " %s", argv[i]);
  *at = '\0';
  return text;
}

static char *request_words(const char *verb, const char *host, const char *command) {
  char *coded = command == NULL ? NULL : base64_encode(command, strlen(command));
  char *words = NULL;
  if (coded != NULL) {
    size_t n = strlen(verb) + strlen(host) + strlen(coded) + 8;
    words = malloc(n);
    if (words != NULL) snprintf(words, n, "%s %s %s", verb, host, coded);
  }
  free(coded);
  return words;
}

// The daemon of an mpirun that has just ended may take a moment longer than mpirun itself.
static enum request_result post(const struct config *c, const char *words, int timeout_ms, char *answer, size_t size) {
  int64_t until = now_ms() + HOOK_TIMEOUT_MS;
  for (;;) {
    enum request_result result = request_here(c, words, answer, size, timeout_ms);
    bool busy = result == REQUEST_ANSWERED && strcmp(answer, "no " CX_BUSY) == 0;
    if (!busy || now_ms() >= until) return result;
    usleep(BUSY_RETRY_MS * 1000);
  }
}

// Posts with the verb, and gives the first word of the answer's meaning: 0 for "ok", the daemon's code for "ended <code>".
static int post_as(const char *verb, int timeout_ms, int argc, char **argv) {
  struct config c;
  char answer[256];
  if (argc < 2) {
    say("%s: HOST and a command are needed", verb);
    return 64;
  }
  if (!config_read(&c, answer, sizeof answer)) {
    say("%s: %s", verb, answer);
    return CX_EXIT_LAUNCH;
  }
  char *command = join(argc - 1, argv + 1);
  char *words = request_words(verb, argv[0], command);
  int code = CX_EXIT_LAUNCH;
  if (words == NULL) say("%s: out of memory", verb);
  else if (post(&c, words, timeout_ms, answer, sizeof answer) != REQUEST_ANSWERED) say("%s: no answer from the mailbox", verb);
  else if (strcmp(answer, "ok") == 0) code = 0;
  else if (strncmp(answer, "ended ", 6) != 0 || !parse_int(answer + 6, 0, 255, &code)) {
    say("%s: the mailbox refused the command for %s: %s", verb, argv[0], answer);
  }
  free(words);
  free(command);
  return code;
}

int hook_main(int argc, char **argv) { return post_as("put", HOOK_TIMEOUT_MS, argc, argv); }

// As long as a job may last; the connection ends with the mailbox.
int hold_main(int argc, char **argv) { return post_as("hold", INT_MAX, argc, argv); }
