#include "util.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int64_t now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

double wall_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

void say(const char *format, ...) {
  char line[512] = "cx-launch: ";
  size_t head = strlen(line);
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line + head, sizeof line - head - 1, format, args);
  va_end(args);
  if (n < 0) return;
  size_t len = strlen(line);
  line[len++] = '\n';
  struct pollfd p = {.fd = STDERR_FILENO, .events = POLLOUT};
  if (poll(&p, 1, 100) != 1 || !(p.revents & POLLOUT)) return;
  ssize_t written = write(STDERR_FILENO, line, len);
  (void)written;  // nowhere left to report to
}

bool parse_int(const char *text, long low, long high, int *value) {
  if (text == NULL || *text < '0' || *text > '9' || strlen(text) > 9) return false;
  char *end;
  long v = strtol(text, &end, 10);
  if (*end != '\0' || v < low || v > high) return false;
  *value = (int)v;
  return true;
}

bool same_secret(const char *a, const char *b, size_t n) {
  volatile unsigned char different = 0;
  for (size_t i = 0; i < n; i++) different = (unsigned char)(different | (a[i] ^ b[i]));
  return different == 0;
}

bool same_label(const char *a, const char *b) {
  size_t n = strcspn(a, ".");
  return n > 0 && n == strcspn(b, ".") && strncasecmp(a, b, n) == 0;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *base64_encode(const char *data, size_t n) {
  char *out = malloc((n + 2) / 3 * 4 + 1);
  if (out == NULL) return NULL;
  size_t o = 0;
  for (size_t i = 0; i < n; i += 3) {
    uint32_t v = (uint32_t)(unsigned char)data[i] << 16;
    if (i + 1 < n) v |= (uint32_t)(unsigned char)data[i + 1] << 8;
    if (i + 2 < n) v |= (unsigned char)data[i + 2];
    out[o++] = digits[v >> 18];
    out[o++] = digits[v >> 12 & 63];
    out[o++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
    out[o++] = i + 2 < n ? digits[v & 63] : '=';
  }
  out[o] = '\0';
  return out;
}

char *base64_decode(const char *text) {
  size_t n = strlen(text);
  if (n % 4 != 0) return NULL;
  size_t padding = n > 0 && text[n - 1] == '=' ? (text[n - 2] == '=' ? 2 : 1) : 0;
  char *out = malloc(n / 4 * 3 + 1);
  if (out == NULL) return NULL;
  size_t o = 0;
  uint32_t v = 0;
  for (size_t i = 0; i < n; i++) {
    const char *at = i >= n - padding ? digits : memchr(digits, text[i], 64);
    if (at == NULL) goto bad;
    v = v << 6 | (uint32_t)(at - digits);
    if (i % 4 != 3) continue;
    out[o++] = (char)(v >> 16);
    out[o++] = (char)(v >> 8);
    out[o++] = (char)v;
    v = 0;
  }
  o -= padding;
  if (memchr(out, '\0', o) != NULL) goto bad;
  out[o] = '\0';
  return out;
bad:
  free(out);
  return NULL;
}

int signal_number(const char *name) {
  if (strcmp(name, "USR1") == 0) return SIGUSR1;
  if (strcmp(name, "USR2") == 0) return SIGUSR2;
  if (strcmp(name, "TERM") == 0) return SIGTERM;
  return 0;
}

void split_status(int status, int *code, int *signal) {
  *signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  *code = *signal != 0 ? 128 + *signal : WEXITSTATUS(status);
}

char **concatenate(const char *const head[], char *const tail[]) {
  size_t h = 0, t = 0;
  while (head[h] != NULL) h++;
  while (tail[t] != NULL) t++;
  char **all = calloc(h + t + 1, sizeof *all);
  if (all == NULL) return NULL;
  memcpy(all, head, h * sizeof *all);
  memcpy(all + h, tail, t * sizeof *all);
  return all;
}

unsigned long long start_time(pid_t pid) {
  char path[64], stat[1024];
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
  if (read_small_file(path, stat, sizeof stat) < 0) return 0;
  // The second field is the program's name in brackets and may hold anything: count from the last bracket.
  char *at = strrchr(stat, ')');
  for (int field = 2; at != NULL && field < 22; field++) at = strchr(at + 1, ' ');
  return at == NULL ? 0 : strtoull(at + 1, NULL, 10);
}

ssize_t read_small_file(const char *path, char *buf, size_t size) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return -1;
  size_t len = 0;
  ssize_t n = 0;
  while (len < size) {
    n = read(fd, buf + len, size - len);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    len += (size_t)n;
  }
  close(fd);
  if (n < 0 || len >= size) return -1;
  buf[len] = '\0';
  return (ssize_t)len;
}
