// The processes that descend from this member, found in /proc: ranks that nobody has wrapped are known by their
// environment alone.
#ifndef CX_FAMILY_H
#define CX_FAMILY_H

// Sends `signal` to every rank that descends from this process (0: to none) and returns how many there are. A rank is a
// process whose environment numbers it (OMPI_COMM_WORLD_RANK, PMI_RANK), whose parent's does not.
int family_signal_ranks(int signal);

#endif
