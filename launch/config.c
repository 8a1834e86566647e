#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

enum { MEMBERS_MAX = 65536, PROCS_MAX = 4096, RANKS_MAX = 1 << 20, GRACE_MAX_S = 86400 };

static const char *env_or(const char *name, const char *otherwise) {
  const char *value = getenv(name);
  return value != NULL && *value != '\0' ? value : otherwise;
}

static bool copy(char *to, size_t size, const char *from) {
  if (strlen(from) >= size) return false;
  memcpy(to, from, strlen(from) + 1);
  return true;
}

const char *config_termination_path(void) { return env_or("CX_TERMINATION_PATH", "/dev/termination-log"); }

// "<host>:<port>", "[<IPv6>]:<port>".
static bool split_mailbox(struct config *c, const char *text) {
  const char *colon = strrchr(text, ':');
  int port;
  if (colon == NULL || colon == text || !parse_int(colon + 1, 1, 65535, &port)) return false;
  size_t n = (size_t)(colon - text);
  if (*text == '[' && text[n - 1] == ']') {
    text++;
    n -= 2;
  }
  if (n == 0 || n >= sizeof c->mailbox_host) return false;
  memcpy(c->mailbox_host, text, n);
  c->mailbox_host[n] = '\0';
  return snprintf(c->mailbox_port, sizeof c->mailbox_port, "%d", port) > 0;
}

static bool read_token(struct config *c) {
  char text[CX_TOKEN_DIGITS + 16];
  ssize_t n = read_small_file(env_or("CX_TOKEN_FILE", "/cx-token/token"), text, sizeof text);
  if (n < 0) return false;
  text[strcspn(text, "\r\n")] = '\0';
  if (strlen(text) != CX_TOKEN_DIGITS || strspn(text, "0123456789abcdefABCDEF") != CX_TOKEN_DIGITS) return false;
  return copy(c->token, sizeof c->token, text);
}

// Exactly one %d and no other %: the pattern must never be able to steer a printf.
static bool read_hosts(struct config *c) {
  const char *pattern = getenv("CX_HOSTS");
  if (pattern == NULL) return !led_by_mpirun(c->launch);
  const char *percent = strchr(pattern, '%');
  if (percent == NULL || percent[1] != 'd' || strchr(percent + 1, '%') != NULL) return false;
  return strpbrk(pattern, " \t\r\n") == NULL && copy(c->hosts, sizeof c->hosts, pattern);
}

static bool read_launch(struct config *c) {
  static const char *const names[] = {[DIRECT] = "direct", [OPENMPI] = "openmpi", [MPICH] = "mpich", [MPIRUN] = "mpirun"};
  const char *name = env_or("CX_LAUNCH", "direct");
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (strcmp(name, names[i]) != 0) continue;
    c->launch = (enum launch)i;
    return true;
  }
  return false;
}

bool config_read(struct config *c, char *error, size_t size) {
  memset(c, 0, sizeof *c);
  int grace = 0;
  const char *wrong = NULL;
  if (!read_launch(c)) wrong = "CX_LAUNCH is none of direct, openmpi, mpich, mpirun";
  else if (!parse_int(getenv("CX_MEMBERS"), 1, MEMBERS_MAX, &c->members)) wrong = "CX_MEMBERS is not a number of members";
  else if (!parse_int(getenv("CX_MEMBER"), 0, c->members - 1, &c->member)) wrong = "CX_MEMBER is not below CX_MEMBERS";
  else if (!parse_int(env_or("CX_PROCS", "1"), 1, PROCS_MAX, &c->procs)) wrong = "CX_PROCS is not a number of ranks";
  else if (c->procs > RANKS_MAX / c->members) wrong = "CX_MEMBERS times CX_PROCS is above 1048576";
  else if (!parse_int(env_or("CX_GRACE", "10"), 0, GRACE_MAX_S, &grace)) wrong = "CX_GRACE is not a number of seconds";
  else if (!split_mailbox(c, env_or("CX_MAILBOX", ""))) wrong = "CX_MAILBOX is not <host>:<port>";
  else if (!read_hosts(c)) wrong = "CX_HOSTS is not a host name with one %d";
  else if (!read_token(c)) wrong = "CX_TOKEN_FILE does not hold 64 hexadecimal digits";
  else if (!copy(c->dir, sizeof c->dir - 32, env_or("CX_DIR", "/cx"))) wrong = "CX_DIR is too long";
  else if (!copy(c->termination, sizeof c->termination, config_termination_path())) wrong = "CX_TERMINATION_PATH is too long";
  c->grace_ms = (int64_t)grace * 1000;
  ssize_t n = readlink("/proc/self/exe", c->self, sizeof c->self - 1);
  if (n <= 0 && wrong == NULL) wrong = "/proc is not mounted";
  if (wrong != NULL) snprintf(error, size, "%s", wrong);
  return wrong == NULL;
}

void config_host(const struct config *c, int i, char *host, size_t size) {
  const char *percent = strchr(c->hosts, '%');
  int head = percent == NULL ? (int)strlen(c->hosts) : (int)(percent - c->hosts);
  if (percent == NULL) snprintf(host, size, "%.*s", head, c->hosts);
  else snprintf(host, size, "%.*s%d%s", head, c->hosts, i, percent + 2);
}

void config_path(const struct config *c, const char *name, char path[PATH_MAX]) {
  snprintf(path, PATH_MAX, "%.*s/%s", PATH_MAX - 34, c->dir, name);
}
