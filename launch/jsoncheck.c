// A recursive-descent check of one JSON object, which copies it without its insignificant blanks on the way.
#include <string.h>

#include "json.h"
#include "utf8.h"

enum { DEPTH_MAX = 32 };

struct check {
  const char *at, *end;
  char *copy;
  size_t len, size;
};

static bool value(struct check *c, int depth);

static void blanks(struct check *c) {
  while (c->at < c->end && strchr(" \t\r\n", *c->at) != NULL) c->at++;
}

static bool take(struct check *c, size_t n) {
  if ((size_t)(c->end - c->at) < n || n >= c->size - c->len) return false;
  memcpy(c->copy + c->len, c->at, n);
  c->len += n;
  c->at += n;
  return true;
}

static bool is(const struct check *c, char wanted) { return c->at < c->end && *c->at == wanted; }

static bool is_digit(const struct check *c) { return c->at < c->end && *c->at >= '0' && *c->at <= '9'; }

static bool digits(struct check *c) {
  if (!is_digit(c)) return false;
  while (is_digit(c)) {
    if (!take(c, 1)) return false;
  }
  return true;
}

static bool number(struct check *c) {
  if (is(c, '-') && !take(c, 1)) return false;
  if (is(c, '0') ? !take(c, 1) : !digits(c)) return false;
  if (is(c, '.') && (!take(c, 1) || !digits(c))) return false;
  if (!is(c, 'e') && !is(c, 'E')) return true;
  if (!take(c, 1)) return false;
  if ((is(c, '+') || is(c, '-')) && !take(c, 1)) return false;
  return digits(c);
}

static bool escaped(struct check *c) {
  if (c->end - c->at < 2) return false;
  if (c->at[1] != 'u') return strchr("\"\\/bfnrt", c->at[1]) != NULL && take(c, 2);
  if (c->end - c->at < 6) return false;
  for (int i = 2; i < 6; i++) {
    if (c->at[i] == '\0' || strchr("0123456789abcdefABCDEF", c->at[i]) == NULL) return false;
  }
  return take(c, 6);
}

static bool string(struct check *c) {
  if (!is(c, '"') || !take(c, 1)) return false;
  while (c->at < c->end && *c->at != '"') {
    if ((unsigned char)*c->at < 0x20) return false;
    size_t n = utf8_length(c->at, (size_t)(c->end - c->at));
    if (*c->at == '\\' ? !escaped(c) : n == 0 || !take(c, n)) return false;
  }
  return is(c, '"') && take(c, 1);
}

static bool member(struct check *c, int depth) {
  blanks(c);
  if (!string(c)) return false;
  blanks(c);
  return is(c, ':') && take(c, 1) && value(c, depth);
}

// "{…}" or "[…]".
static bool container(struct check *c, char close, int depth) {
  if (depth >= DEPTH_MAX || !take(c, 1)) return false;
  blanks(c);
  if (is(c, close)) return take(c, 1);
  for (;;) {
    if (close == '}' ? !member(c, depth + 1) : !value(c, depth + 1)) return false;
    blanks(c);
    if (is(c, close)) return take(c, 1);
    if (!is(c, ',') || !take(c, 1)) return false;
  }
}

static bool word(struct check *c, const char *text) {
  size_t n = strlen(text);
  return (size_t)(c->end - c->at) >= n && memcmp(c->at, text, n) == 0 && take(c, n);
}

static bool value(struct check *c, int depth) {
  blanks(c);
  if (c->at >= c->end) return false;
  switch (*c->at) {
    case '{': return container(c, '}', depth);
    case '[': return container(c, ']', depth);
    case '"': return string(c);
    case 't': return word(c, "true");
    case 'f': return word(c, "false");
    case 'n': return word(c, "null");
    default: return number(c);
  }
}

bool json_object(const char *text, char *copy, size_t size) {
  struct check c = {.at = text, .end = text + strlen(text), .copy = copy, .size = size};
  blanks(&c);
  if (!is(&c, '{') || !value(&c, 0)) return false;
  blanks(&c);
  copy[c.len] = '\0';
  return c.at == c.end;
}
