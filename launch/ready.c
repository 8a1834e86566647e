// The readiness probe of member 0.
#include <string.h>

#include "config.h"
#include "request.h"
#include "util.h"

int ready_main(void) {
  struct config c;
  char answer[256];
  if (!config_read(&c, answer, sizeof answer)) {
    say("ready: %s", answer);
    return 1;
  }
  if (request_here(&c, "status", answer, sizeof answer, 900) != REQUEST_ANSWERED) return 1;
  return strstr(answer, "\"started\":true") != NULL ? 0 : 1;
}
