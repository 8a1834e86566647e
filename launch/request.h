// One question to the mailbox: dial, first line, one line of answer. Blocks; for the short-lived verbs.
#ifndef CX_REQUEST_H
#define CX_REQUEST_H

#include "config.h"

enum request_result { REQUEST_ANSWERED, REQUEST_NO_ANSWER };

// `words` is what follows the token on the first line. The answer comes without its LF.
enum request_result request(const struct config *c, const char *host, const char *words, char *answer, size_t size,
                            int timeout_ms);

// The same over loopback, for what runs in member 0's own pod: 127.0.0.1, else ::1.
enum request_result request_here(const struct config *c, const char *words, char *answer, size_t size, int timeout_ms);

#endif
