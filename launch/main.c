// cx-launch: starts, watches and ends the members of one gang. One binary, several verbs.
#include <stdio.h>
#include <string.h>

#include "cx.h"

static int usage(void) {
  fputs("usage: cx-launch install DIR            copy this binary into DIR\n"
        "       cx-launch member -- COMMAND...   be one member of a gang (a container's first process)\n"
        "       cx-launch ready                  exit 0 when the program runs on all members (readiness probe)\n"
        "       cx-launch hook HOST WORDS...     Open MPI's remote-shell hook\n"
        "       cx-launch hold HOST WORDS...     Hydra's: it stays as long as the daemon that it has called\n"
        "       cx-launch rank -- PROGRAM...     run one MPI rank and report it\n",
        stderr);
  return 64;
}

int main(int argc, char **argv) {
  if (argc < 2) return usage();
  const char *verb = argv[1];
  if (strcmp(verb, "install") == 0) return install_main(argc - 2, argv + 2);
  if (strcmp(verb, "member") == 0) return member_main(argc - 2, argv + 2);
  if (strcmp(verb, "ready") == 0) return ready_main();
  if (strcmp(verb, "hook") == 0) return hook_main(argc - 2, argv + 2);
  if (strcmp(verb, "hold") == 0) return hold_main(argc - 2, argv + 2);
  if (strcmp(verb, "rank") == 0) return rank_main(argc - 2, argv + 2);
  return usage();
}
