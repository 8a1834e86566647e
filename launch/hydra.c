#include "hydra.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "route.h"
#include "util.h"

static bool set(const char *name, const char *value, bool force) { return setenv(name, value, force) == 0; }

// The rsh launcher calls "<exec> <extra arguments> <host> <words of the proxy>", which is our hook; the ssh launcher would
// also wait between two calls. mpiexec takes the end of a call for the end of its proxy, so it lasts as long.
bool hydra_environment(const struct config *c) {
  char hosts[PATH_MAX], interface[64];
  config_path(c, "hydra-hosts", hosts);
  bool good = set("HYDRA_LAUNCHER", "rsh", true) && set("HYDRA_LAUNCHER_EXEC", c->self, true) &&
              set("HYDRA_LAUNCHER_EXTRA_ARGS", "hold", true) && set("HYDRA_LAUNCHER_AUTOFORK", "1", true) &&
              set("HYDRA_HOST_FILE", hosts, true) &&
              // Hosts come from the file alone, whatever a batch system may have left in the environment.
              set("HYDRA_RMK", "user", true);
  // Ranks are to see the environment of their own pod, as with Open MPI; Hydra would give all of them member 0's. People's
  // own command lines keep Hydra's habit: scripts export what their ranks shall see.
  if (c->launch == MPICH) good = good && set("HYDRA_ENV", "none", true);
  // By its address the workers reach mpiexec without looking up a name.
  return good && (!default_interface(interface, sizeof interface) || set("HYDRA_IFACE", interface, false));
}

void hydra_host(const struct mailbox *m, int i, char *host, size_t size) {
  // mpiexec looks every name up before it starts, one after the other; an address is not looked up.
  if (mailbox_address(m, i, host, size)) return;
  if (i > 0 || gethostname(host, size) != 0) config_host(m->config, i, host, size);
}

bool hydra_host_file(const struct mailbox *m) {
  char path[PATH_MAX], host[600];
  config_path(m->config, "hydra-hosts", path);
  FILE *file = fopen(path, "we");
  if (file == NULL) return false;
  for (int i = 0; i < m->config->members; i++) {
    hydra_host(m, i, host, sizeof host);
    fprintf(file, "%s:%d\n", host, m->config->procs);
  }
  bool good = !ferror(file);
  return fclose(file) == 0 && good;
}

char **hydra_command(const struct config *c, char *const command[]) {
  static char count[16];
  snprintf(count, sizeof count, "%d", c->members * c->procs);
  const char *const head[] = {"mpiexec.hydra", "-n", count, c->self, "rank", "--", NULL};
  return concatenate(head, command);
}
