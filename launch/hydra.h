// MPICH, through its process manager Hydra: what mpiexec must be told so that it starts its proxies through the mailbox.
#ifndef CX_HYDRA_H
#define CX_HYDRA_H

#include "config.h"
#include "mailbox.h"

// Sets the variables; false if memory is short.
bool hydra_environment(const struct config *c);

// Member i as Hydra knows it: its address, where that is IPv4, else its name.
void hydra_host(const struct mailbox *m, int i, char *host, size_t size);

// Writes the host file. All members have joined by then.
bool hydra_host_file(const struct mailbox *m);

// "mpiexec.hydra -n <ranks> cx-launch rank -- <command>": memory to free, NULL if there is none.
char **hydra_command(const struct config *c, char *const command[]);

#endif
