// NCCL and Gloo choose their interface by themselves unless told: what torch and JAX need of the pod's network.
#ifndef CX_COLLECTIVES_H
#define CX_COLLECTIVES_H

#include <stdbool.h>

// Names the default route's interface to both, unless the user did. False when out of memory.
bool collectives_environment(void);

#endif
