#ifndef CX_UTF8_H
#define CX_UTF8_H

#include <stddef.h>

// Length in bytes of the well-formed UTF-8 character at text[0..n), or 0 if there is none (RFC 3629: no overlong forms,
// no surrogates, nothing above U+10FFFF).
size_t utf8_length(const char *text, size_t n);

#endif
