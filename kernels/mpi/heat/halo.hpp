// The halo exchange with up to six neighbours: persistent requests on packed faces, in flight while the interior is updated.
#pragma once
#include <mpi.h>
#include <array>
#include <cstddef>
#include <vector>

#include "common/work.hpp"
#include "mpi/heat/block.hpp"

namespace heat {

class Halo {
 public:
  Halo(MPI_Comm cart, const Block& block) {
    for (int axis = 0; axis < 3; ++axis) {
      int low = MPI_PROC_NULL, high = MPI_PROC_NULL;
      MPI_Cart_shift(cart, axis, 1, &low, &high);
      add(cart, block, axis, false, low);
      add(cart, block, axis, true, high);
    }
  }
  ~Halo() {
    for (MPI_Request& request : requests_) MPI_Request_free(&request);
  }
  Halo(const Halo&) = delete;
  Halo& operator=(const Halo&) = delete;

  bool has(int axis, bool high) const {
    for (const Side& side : sides_)
      if (side.axis == axis && side.high == high) return true;
    return false;
  }

  // The cells are the block's own, or a GPU's in its place.
  template <typename Cells>
  void start(const Block& block, Cells& cells, cx::Work& work) {
    for (Side& side : sides_) {
      cells.pack(block.face(side.axis, side.high, false), side.out.data());
      work.bytes_net += 8.0 * static_cast<double>(side.out.size());
      work.msgs += 1;
    }
    if (!requests_.empty()) MPI_Startall(static_cast<int>(requests_.size()), requests_.data());
  }

  bool empty() const { return requests_.empty(); }

  // Lets the library work on the messages.
  void progress() {
    int done = 0;
    if (!requests_.empty()) MPI_Testall(static_cast<int>(requests_.size()), requests_.data(), &done, MPI_STATUSES_IGNORE);
  }

  // `drop` receives and throws away: the wrong twin that leaves last step's halo in place.
  template <typename Cells>
  void finish(const Block& block, Cells& cells, bool drop) {
    if (!requests_.empty()) MPI_Waitall(static_cast<int>(requests_.size()), requests_.data(), MPI_STATUSES_IGNORE);
    if (drop) return;
    for (const Side& side : sides_) cells.unpack(block.face(side.axis, side.high, true), side.in.data());
  }

 private:
  struct Side {
    int axis;
    bool high;
    std::vector<double> out, in;
  };

  void add(MPI_Comm cart, const Block& block, int axis, bool high, int neighbour) {
    if (neighbour == MPI_PROC_NULL) return;  // the wall: its halo stays 0, the Dirichlet value
    const Box cells = block.face(axis, high, false);
    const int count = cells[0].size() * cells[1].size() * cells[2].size();
    sides_.push_back({axis, high, std::vector<double>(static_cast<std::size_t>(count)),
                      std::vector<double>(static_cast<std::size_t>(count))});
    Side& side = sides_.back();
    // What leaves upwards arrives as the neighbour's lower side.
    const int tag_out = 2 * axis + high, tag_in = 2 * axis + !high;
    MPI_Request request;
    MPI_Send_init(side.out.data(), count, MPI_DOUBLE, neighbour, tag_out, cart, &request);
    requests_.push_back(request);
    MPI_Recv_init(side.in.data(), count, MPI_DOUBLE, neighbour, tag_in, cart, &request);
    requests_.push_back(request);
  }

  std::vector<Side> sides_;  // moving a Side moves its vectors, whose buffers stay where MPI knows them
  std::vector<MPI_Request> requests_;
};

}  // namespace heat
