#include "collectives.h"

#include <stdio.h>
#include <stdlib.h>

#include "route.h"

bool collectives_environment(void) {
  char interface[64], exact[72];
  if (!default_interface(interface, sizeof interface)) return true;  // one interface, or none: nothing to choose
  // NCCL takes a list of prefixes; with "=" the name is meant exactly.
  snprintf(exact, sizeof exact, "=%s", interface);
  return setenv("NCCL_SOCKET_IFNAME", exact, 0) == 0 && setenv("GLOO_SOCKET_IFNAME", interface, 0) == 0;
}
