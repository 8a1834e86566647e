#include "json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

static void add(struct json *j, const char *data, size_t n) {
  if (j->full || n >= j->cap - j->len) {
    j->full = true;
    return;
  }
  memcpy(j->data + j->len, data, n);
  j->len += n;
  j->data[j->len] = '\0';
}

void json_raw(struct json *j, const char *text) { add(j, text, strlen(text)); }

void json_format(struct json *j, const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(text, sizeof text, format, args);
  va_end(args);
  if (n < 0 || (size_t)n >= sizeof text) j->full = true;
  else add(j, text, (size_t)n);
}

// The escaped form of the first character of text[0..n): its length in `out`; *taken is how many bytes it stands for.
static size_t escape(const char *text, size_t n, char out[8], size_t *taken) {
  unsigned char c = (unsigned char)*text;
  *taken = 1;
  if (c == '"' || c == '\\') return (size_t)snprintf(out, 8, "\\%c", c);
  if (c == '\n') return (size_t)snprintf(out, 8, "\\n");
  if (c == '\t') return (size_t)snprintf(out, 8, "\\t");
  if (c < 0x20 || c == 0x7f) return (size_t)snprintf(out, 8, "\\u%04x", c);
  size_t len = utf8_length(text, n);
  if (len == 0) return (size_t)snprintf(out, 8, "\xef\xbf\xbd");
  memcpy(out, text, len);
  *taken = len;
  return len;
}

void json_text(struct json *j, const char *text, size_t n, size_t limit, bool keep_end) {
  char unit[8];
  size_t taken, total = 0, from = 0;
  for (size_t i = 0; i < n; i += taken) total += escape(text + i, n - i, unit, &taken);
  while (keep_end && total > limit) {
    total -= escape(text + from, n - from, unit, &taken);
    from += taken;
  }
  add(j, "\"", 1);
  size_t written = 0;
  for (size_t i = from; i < n; i += taken) {
    size_t len = escape(text + i, n - i, unit, &taken);
    if ((written += len) > limit) break;
    add(j, unit, len);
  }
  add(j, "\"", 1);
}
