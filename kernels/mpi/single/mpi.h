// MPI for one process, in place of a library: programs for machines that have none (CMake's WITH_MPI=SINGLE). What the kernels
// use of MPI, where every collective has one member and there is nobody to send to.
#pragma once
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>

using MPI_Comm = int;
using MPI_Request = int;
using MPI_Datatype = int;  // its size in bytes
using MPI_Op = int;
using MPI_Info = int;
struct MPI_Status {};

inline constexpr MPI_Comm MPI_COMM_NULL = 0, MPI_COMM_WORLD = 1;
inline constexpr MPI_Request MPI_REQUEST_NULL = 0;
inline constexpr MPI_Info MPI_INFO_NULL = 0;
inline constexpr MPI_Datatype MPI_DATATYPE_NULL = 0, MPI_BYTE = 1, MPI_CHAR = 1, MPI_INT = 4, MPI_FLOAT = 4, MPI_DOUBLE = 8,
                              MPI_UINT64_T = 8, MPI_2INT = 8, MPI_DOUBLE_INT = 16;
enum : MPI_Op { MPI_MAX, MPI_SUM, MPI_BOR, MPI_MINLOC, MPI_MAXLOC };
inline constexpr int MPI_SUCCESS = 0, MPI_PROC_NULL = -2, MPI_COMM_TYPE_SHARED = 1, MPI_MAX_LIBRARY_VERSION_STRING = 64;
inline void* const MPI_IN_PLACE = nullptr;
inline MPI_Status* const MPI_STATUS_IGNORE = nullptr;
inline MPI_Status* const MPI_STATUSES_IGNORE = nullptr;

namespace cx::single {
// What would need a second process: a bug of the program, which must not go on with what never came.
[[noreturn]] inline int alone(const char* function) {
  std::fprintf(stderr, "%s: there is one process only\n", function);
  std::abort();
}
inline int copy(const void* from, void* to, int count, MPI_Datatype type) {
  if (from != MPI_IN_PLACE && to != MPI_IN_PLACE)
    std::memcpy(to, from, static_cast<std::size_t>(count) * static_cast<std::size_t>(type));
  return MPI_SUCCESS;
}
}  // namespace cx::single

inline int MPI_Init(int*, char***) { return MPI_SUCCESS; }
inline int MPI_Finalize() { return MPI_SUCCESS; }
[[noreturn]] inline int MPI_Abort(MPI_Comm, int code) { std::exit(code); }
inline int MPI_Get_library_version(char* text, int* length) {
  *length = std::snprintf(text, MPI_MAX_LIBRARY_VERSION_STRING, "none: this program is for one process");
  return MPI_SUCCESS;
}
inline int MPI_Comm_rank(MPI_Comm, int* rank) { return *rank = 0; }
inline int MPI_Comm_size(MPI_Comm, int* size) {
  *size = 1;
  return MPI_SUCCESS;
}
inline int MPI_Comm_split_type(MPI_Comm comm, int, int, MPI_Info, MPI_Comm* part) {
  *part = comm;
  return MPI_SUCCESS;
}
inline int MPI_Cart_create(MPI_Comm comm, int, const int*, const int*, int, MPI_Comm* cart) {
  *cart = comm;
  return MPI_SUCCESS;
}
inline int MPI_Cart_shift(MPI_Comm, int, int, int* low, int* high) {
  *low = *high = MPI_PROC_NULL;
  return MPI_SUCCESS;
}

inline int MPI_Barrier(MPI_Comm) { return MPI_SUCCESS; }
inline int MPI_Bcast(void*, int, MPI_Datatype, int, MPI_Comm) { return MPI_SUCCESS; }
inline int MPI_Allreduce(const void* from, void* to, int count, MPI_Datatype type, MPI_Op, MPI_Comm) {
  return cx::single::copy(from, to, count, type);
}
inline int MPI_Gather(const void* from, int count, MPI_Datatype type, void* to, int, MPI_Datatype, int, MPI_Comm) {
  return cx::single::copy(from, to, count, type);
}
inline int MPI_Allgather(const void* from, int count, MPI_Datatype type, void* to, int, MPI_Datatype, MPI_Comm) {
  return cx::single::copy(from, to, count, type);
}
inline int MPI_Allgatherv(const void* from, int count, MPI_Datatype type, void* to, const int*, const int*, MPI_Datatype,
                          MPI_Comm) {
  return cx::single::copy(from, to, count, type);
}

// Sends and receives: none begin, so there is nothing to wait for.
inline int MPI_Send(const void*, int, MPI_Datatype, int, int, MPI_Comm) { return cx::single::alone("MPI_Send"); }
inline int MPI_Recv(void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Status*) { return cx::single::alone("MPI_Recv"); }
inline int MPI_Isend(const void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*) {
  return cx::single::alone("MPI_Isend");
}
inline int MPI_Irecv(void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*) {
  return cx::single::alone("MPI_Irecv");
}
inline int MPI_Send_init(const void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*) {
  return cx::single::alone("MPI_Send_init");
}
inline int MPI_Recv_init(void*, int, MPI_Datatype, int, int, MPI_Comm, MPI_Request*) {
  return cx::single::alone("MPI_Recv_init");
}
inline int MPI_Startall(int, MPI_Request*) { return cx::single::alone("MPI_Startall"); }
inline int MPI_Request_free(MPI_Request*) { return MPI_SUCCESS; }
inline int MPI_Waitall(int, MPI_Request*, MPI_Status*) { return MPI_SUCCESS; }
inline int MPI_Testall(int, MPI_Request*, int* done, MPI_Status*) {
  *done = 1;
  return MPI_SUCCESS;
}
