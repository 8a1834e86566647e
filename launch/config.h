// The environment of a pod, read and checked once.
#ifndef CX_CONFIG_H
#define CX_CONFIG_H

#include <limits.h>

#include "cx.h"

struct config {
  int member, members, procs;
  enum launch launch;
  char mailbox_host[256], mailbox_port[8];
  char hosts[512];  // a member's host name with %d for the index
  char token[CX_TOKEN_DIGITS + 1];
  int64_t grace_ms;
  char dir[PATH_MAX];          // /cx: this binary, the host file, the rank files, the result
  char termination[PATH_MAX];  // /dev/termination-log
  char self[PATH_MAX];         // this binary
};

// Where the termination message goes: known even when the rest of the environment is broken.
const char *config_termination_path(void);

// True if all is well; else `error` says in one line which variable is wrong. The token never appears in it.
bool config_read(struct config *c, char *error, size_t size);

// Host name of member i.
void config_host(const struct config *c, int i, char *host, size_t size);

// A path inside CX_DIR.
void config_path(const struct config *c, const char *name, char path[PATH_MAX]);

#endif
