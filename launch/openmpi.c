#include "openmpi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "route.h"
#include "util.h"

static bool set(const char *name, const char *value, bool force) { return setenv(name, value, force) == 0; }

static bool both(const char *four, const char *five, const char *value, bool force) {
  return set(four, value, force) && set(five, value, force);
}

// Ours alone: with another value the gang would not come together.
static bool set_launch_path(const struct config *c) {
  char hook[PATH_MAX + 8], hosts[PATH_MAX];
  snprintf(hook, sizeof hook, "%s hook", c->self);
  config_path(c, "hosts", hosts);
  // Arguments meant for ssh would come before the host name.
  unsetenv("OMPI_MCA_plm_rsh_args");
  unsetenv("PRTE_MCA_plm_ssh_args");
  return both("OMPI_MCA_plm_rsh_agent", "PRTE_MCA_plm_ssh_agent", hook, true) &&
         both("OMPI_MCA_plm_rsh_no_tree_spawn", "PRTE_MCA_plm_ssh_no_tree_spawn", "1", true) &&
         both("OMPI_MCA_orte_default_hostfile", "PRTE_MCA_prte_default_hostfile", hosts, true) &&
         // Else the hook would first be called to ask for the login shell.
         both("OMPI_MCA_plm_rsh_assume_same_shell", "PRTE_MCA_plm_ssh_assume_same_shell", "1", true) &&
         set("PRTE_MCA_prte_keep_fqdn_hostnames", "0", true);
}

// A pod that vanishes sends no FIN: with the default keepalive mpirun hangs for more than ten minutes.
static bool set_keepalive(void) {
  return both("OMPI_MCA_oob_tcp_keepalive_time", "PRTE_MCA_oob_tcp_keepalive_time", "5", false) &&
         both("OMPI_MCA_oob_tcp_keepalive_intvl", "PRTE_MCA_oob_tcp_keepalive_intvl", "2", false) &&
         both("OMPI_MCA_oob_tcp_keepalive_probes", "PRTE_MCA_oob_tcp_keepalive_probes", "3", false) &&
         set("PRTE_MCA_prte_keepalive_time", "5", false) && set("PRTE_MCA_prte_keepalive_intvl", "2", false) &&
         set("PRTE_MCA_prte_keepalive_probes", "3", false);
}

// Open MPI refuses an include list beside an exclude list.
static bool set_interface(const char *include, const char *exclude, const char *interface) {
  return getenv(exclude) != NULL || set(include, interface, false);
}

static bool set_interfaces(void) {
  char interface[64];
  if (!default_interface(interface, sizeof interface)) return true;  // one interface, or none: nothing to choose
  return set_interface("OMPI_MCA_oob_tcp_if_include", "OMPI_MCA_oob_tcp_if_exclude", interface) &&
         set_interface("PRTE_MCA_prte_if_include", "PRTE_MCA_prte_if_exclude", interface) &&
         set_interface("OMPI_MCA_btl_tcp_if_include", "OMPI_MCA_btl_tcp_if_exclude", interface);
}

bool openmpi_environment(const struct config *c) {
  return set_launch_path(c) && set_keepalive() && set_interfaces() &&
         // The cores of a node are shared by its pods: every pod would bind its ranks to the same first cores.
         both("OMPI_MCA_hwloc_base_binding_policy", "PRTE_MCA_hwloc_default_binding_policy", "none", false) &&
         both("OMPI_MCA_rmaps_base_mapping_policy", "PRTE_MCA_rmaps_default_mapping_policy", "slot", false) &&
         // A user id without a passwd entry has no login shell, and mpirun would complain of it.
         set("SHELL", "/bin/sh", false) &&
         // mpirun would look up every member's name, one after the other, before it starts anything.
         set("OMPI_MCA_if_base_do_not_resolve", "1", false) &&
         // RuntimeDefault seccomp denies process_vm_readv: without this every shared-memory message would complain first.
         both("OMPI_MCA_btl_vader_single_copy_mechanism", "OMPI_MCA_btl_sm_single_copy_mechanism", "none", false);
}

bool openmpi_host_file(const struct config *c) {
  char path[PATH_MAX], host[600];
  config_path(c, "hosts", path);
  FILE *file = fopen(path, "we");
  if (file == NULL) return false;
  for (int i = 0; i < c->members; i++) {
    config_host(c, i, host, sizeof host);
    fprintf(file, "%s slots=%d\n", host, c->procs);
  }
  bool good = !ferror(file);
  return fclose(file) == 0 && good;
}

char **openmpi_command(const struct config *c, char *const command[]) {
  static char count[16];
  snprintf(count, sizeof count, "%d", c->members * c->procs);
  const char *const head[] = {"mpirun", "-np", count, c->self, "rank", "--", NULL};
  return concatenate(head, command);
}

void openmpi_stay_in_foreground(char *words) {
  static const char word[] = "--daemonize";
  size_t n = sizeof word - 1;
  for (char *at = words; (at = strstr(at, word)) != NULL;) {
    bool whole = (at == words || at[-1] == ' ') && (at[n] == ' ' || at[n] == '\0');
    if (whole) memmove(at, at + n, strlen(at + n) + 1);
    else at += n;
  }
}
