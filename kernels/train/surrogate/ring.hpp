// Allreduce around a ring (reduce-scatter, then allgather): each rank sends 2 (N - 1) / N of the vector, whatever N is.
// It sums integers, so the result is the same for every N and every order.
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "common/work.hpp"
#include "train/surrogate/rendezvous.hpp"

namespace surrogate {

using Sums = std::vector<std::int64_t>;

class Ring {
 public:
  Ring(const Place& place, std::uint64_t run, double timeout)
      : rank_(place.rank), ranks_(place.ranks), timeout_(timeout), neighbours_(meet(place, run, timeout)) {}

  int rank() const { return rank_; }
  int ranks() const { return ranks_; }

  // This rank's part of `shards`.
  Part part(std::size_t shards) const {
    const auto rank = static_cast<std::size_t>(rank_), ranks = static_cast<std::size_t>(ranks_);
    return {shards * rank / ranks, shards * (rank + 1) / ranks};
  }

  // Replaces `values` by their sums over all ranks; all ranks must come with the same length.
  void allreduce(Sums& values) {
    if (ranks_ == 1) return;
    const double started = cx::now();
    for (int step = 0; step < ranks_ - 1; ++step) {
      const Piece mine = piece(values, rank_ - step), theirs = piece(values, rank_ - step - 1);
      received_.resize(theirs.count);
      pass(&values[mine.begin], mine.count, received_.data(), theirs.count);
      for (std::size_t i = 0; i < theirs.count; ++i) values[theirs.begin + i] += received_[i];
    }
    for (int step = 0; step < ranks_ - 1; ++step) {
      const Piece mine = piece(values, rank_ + 1 - step), theirs = piece(values, rank_ - step);
      pass(&values[mine.begin], mine.count, &values[theirs.begin], theirs.count);
    }
    seconds += cx::now() - started;
  }

  // The same for what is no part of the training: not counted.
  void allreduce_aside(Sums& values) {
    const cx::Work counted = work;
    const double spent = seconds;
    allreduce(values);
    work = counted;
    seconds = spent;
  }

  // All ranks get rank 0's values, not counted either.
  void tell(Sums& values) {
    if (rank_ != 0) std::fill(values.begin(), values.end(), 0);
    allreduce_aside(values);
  }

  cx::Work work;       // counted: what this rank sent
  double seconds = 0;  // spent in allreduce

 private:
  struct Piece {
    std::size_t begin, count;
  };

  Piece piece(const Sums& values, int index) const {
    const auto ranks = static_cast<std::size_t>(ranks_), i = static_cast<std::size_t>((index + 2 * ranks_) % ranks_);
    const std::size_t begin = values.size() * i / ranks;
    return {begin, values.size() * (i + 1) / ranks - begin};
  }

  void pass(const std::int64_t* out, std::size_t out_count, std::int64_t* in, std::size_t in_count) {
    try {
      exchange({neighbours_.next, out, 8 * out_count}, {neighbours_.previous, in, 8 * in_count}, timeout_, kPatience);
    } catch (const cx::Failure& failure) {
      if (failure.code() != cx::kPeerLost) throw;
      // Either neighbour may be the cause, and it may only have followed another: both are named.
      lost("rank " + std::to_string(rank_) + " lost a neighbour (rank " +
           std::to_string((rank_ + ranks_ - 1) % ranks_) + " or " + std::to_string((rank_ + 1) % ranks_) +
           "): " + failure.what());
    }
    if (out_count == 0) return;
    work.bytes_net += 8.0 * static_cast<double>(out_count);
    work.msgs += 1;
  }

  static constexpr double kPatience = 4;  // seconds after SIGTERM: less than the 10 that usually precede SIGKILL

  int rank_, ranks_;
  double timeout_;
  Neighbours neighbours_;
  Sums received_;
};

// Collective: what each rank brings, in the order of ranks.
template <typename Value>
std::vector<Value> gather(Ring& ring, const Value& own) {
  static_assert(std::is_trivially_copyable_v<Value> && sizeof(Value) % 8 == 0);
  constexpr std::size_t kWords = sizeof(Value) / 8;
  std::vector<Value> all(static_cast<std::size_t>(ring.ranks()));
  Sums words(all.size() * kWords);
  std::memcpy(&words[static_cast<std::size_t>(ring.rank()) * kWords], &own, sizeof own);
  ring.allreduce_aside(words);
  std::memcpy(all.data(), words.data(), all.size() * sizeof own);
  return all;
}

}  // namespace surrogate
