#ifndef CX_ROUTE_H
#define CX_ROUTE_H

#include <stdbool.h>
#include <stddef.h>

// Name of the interface that carries the default route (IPv4, else IPv6) with the lowest metric; false if there is
// none. A pod may have more interfaces, and MPI would spread its traffic over addresses that lead nowhere.
bool default_interface(char *name, size_t size);

#endif
