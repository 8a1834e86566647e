// Just enough JSON: writing into a fixed space, and checking what a program calls its result.
#ifndef CX_JSON_H
#define CX_JSON_H

#include <stdbool.h>
#include <stddef.h>

struct json {
  char *data;
  size_t len, cap;
  bool full;  // something did not fit
};

void json_raw(struct json *j, const char *text);
void json_format(struct json *j, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A string, quoted and escaped; what is not UTF-8 becomes U+FFFD. At most `limit` bytes between the quotes: longer text
// loses its end, or with keep_end its beginning.
void json_text(struct json *j, const char *text, size_t n, size_t limit, bool keep_end);

// Copies one JSON object (RFC 8259, UTF-8, at most 32 levels deep) without its insignificant blanks.
// True if `text` is such an object and nothing else, and its copy fits in size - 1 bytes.
bool json_object(const char *text, char *copy, size_t size);

#endif
