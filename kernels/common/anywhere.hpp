// Functions that are compiled for the CPU and for a GPU alike, so that both compute the same bits.
#pragma once

#if defined(__CUDACC__)
#define CX_ANYWHERE __host__ __device__
#else
#define CX_ANYWHERE
#endif
