#include "route.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { ROUTE_UP = 1 };

struct best {
  char name[64];
  unsigned metric;
};

static void consider(struct best *b, const char *name, unsigned metric, unsigned flags) {
  if (!(flags & ROUTE_UP) || metric >= b->metric || strcmp(name, "lo") == 0) return;
  snprintf(b->name, sizeof b->name, "%s", name);
  b->metric = metric;
}

// "Iface Destination Gateway Flags RefCnt Use Metric Mask …", numbers in hexadecimal but the metric.
static void read_four(FILE *file, struct best *b) {
  char line[512], name[64];
  unsigned destination, flags, metric, mask;
  while (fgets(line, sizeof line, file) != NULL) {
    int n = sscanf(line, "%63s %x %*x %x %*d %*d %u %x", name, &destination, &flags, &metric, &mask);
    if (n == 5 && destination == 0 && mask == 0) consider(b, name, metric, flags);
  }
}

// "destination length source length next-hop metric refcnt use flags iface", all in hexadecimal.
static void read_six(FILE *file, struct best *b) {
  char line[512], destination[40], name[64];
  unsigned length, metric, flags;
  while (fgets(line, sizeof line, file) != NULL) {
    int n = sscanf(line, "%39s %x %*s %*x %*s %x %*x %*x %x %63s", destination, &length, &metric, &flags, name);
    if (n == 5 && length == 0 && strspn(destination, "0") == strlen(destination)) consider(b, name, metric, flags);
  }
}

bool default_interface(char *name, size_t size) {
  struct best best = {.metric = UINT_MAX};
  FILE *file = fopen("/proc/net/route", "re");
  if (file != NULL) {
    read_four(file, &best);
    fclose(file);
  }
  if (best.name[0] == '\0' && (file = fopen("/proc/net/ipv6_route", "re")) != NULL) {
    read_six(file, &best);
    fclose(file);
  }
  snprintf(name, size, "%s", best.name);
  return best.name[0] != '\0';
}
