// What Open MPI 4 (OMPI_MCA_*) and 5 (PRTE_MCA_*) must be told so that mpirun starts its daemons through the mailbox.
#ifndef CX_OPENMPI_H
#define CX_OPENMPI_H

#include "config.h"

// Sets the environment of mpirun and of the daemons. What the user set stays, except the launch path itself.
// Returns false when out of memory.
bool openmpi_environment(const struct config *c);

// Writes the host file: every member with its slots, member 0 first.
bool openmpi_host_file(const struct config *c);

// "mpirun -np N*P <this binary> rank -- <command>": memory to free, or NULL.
char **openmpi_command(const struct config *c, char *const command[]);

// Deletes the word --daemonize from a daemon's command, in place: a daemon that leaves the foreground looks finished
// to its container, and mpirun waits for ever.
void openmpi_stay_in_foreground(char *words);

#endif
