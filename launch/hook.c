// Open MPI's remote-shell hook: instead of reaching out to the host, it posts the daemon's command in the mailbox, where
// the worker of that host is waiting for it.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "request.h"
#include "util.h"

enum { HOOK_TIMEOUT_MS = 30000 };

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

static char *put_words(const char *host, const char *command) {
  char *coded = command == NULL ? NULL : base64_encode(command, strlen(command));
  char *words = NULL;
  if (coded != NULL) {
    size_t n = strlen(host) + strlen(coded) + 8;
    words = malloc(n);
    if (words != NULL) snprintf(words, n, "put %s %s", host, coded);
  }
  free(coded);
  return words;
}

int hook_main(int argc, char **argv) {
  struct config c;
  char answer[256];
  if (argc < 2) {
    say("hook: HOST and a command are needed");
    return 64;
  }
  if (!config_read(&c, answer, sizeof answer)) {
    say("hook: %s", answer);
    return CX_EXIT_LAUNCH;
  }
  char *command = join(argc - 1, argv + 1);
  char *words = put_words(argv[0], command);
  int code = CX_EXIT_LAUNCH;
  if (words == NULL) say("hook: out of memory");
  else if (request_here(&c, words, answer, sizeof answer, HOOK_TIMEOUT_MS) != REQUEST_ANSWERED) say("hook: no answer from the mailbox");
  else if (strcmp(answer, "ok") != 0) say("hook: the mailbox refused the command for %s: %s", argv[0], answer);
  else code = 0;
  free(words);
  free(command);
  return code;
}
