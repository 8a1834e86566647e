// Small things without a home: clocks, log lines, strict numbers, base64, names of signals.
#ifndef CX_UTIL_H
#define CX_UTIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Monotonic milliseconds: for every deadline.
int64_t now_ms(void);
// Seconds since the epoch: only for what people read.
double wall_seconds(void);

// One line "cx-launch: …" on stderr. Dropped rather than waited for when nobody reads stderr: a member that hangs in
// its own log would stop answering pings and be taken for lost.
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A decimal number from low to high with nothing before or after it; false otherwise.
bool parse_int(const char *text, long low, long high, int *value);

// Compares n bytes in a time that does not depend on where they differ.
bool same_secret(const char *a, const char *b, size_t n);

// True if both host names have the same first label (up to the first dot), letter case aside.
bool same_label(const char *a, const char *b);

// Base64 (RFC 4648, padded). Both return memory to free, or NULL (out of memory, or not base64, or a NUL inside).
char *base64_encode(const char *data, size_t n);
char *base64_decode(const char *text);

// The number of USR1, USR2 or TERM; 0 for every other name.
int signal_number(const char *name);

// What waitpid gave, as the protocol says it: code is 128 + signal for a killed process.
void split_status(int status, int *code, int *signal);

// Both lists of words, each ended by NULL, in one: memory to free (the words are shared), or NULL.
char **concatenate(const char *const head[], char *const tail[]);

// Field 22 of /proc/<pid>/stat: with the pid it names a process for ever; 0 if there is no such process.
unsigned long long start_time(pid_t pid);

// Whole file into buf (NUL-terminated); its length, or -1 if it is absent, unreadable or longer than size - 1.
ssize_t read_small_file(const char *path, char *buf, size_t size);

#endif
