// Two hashes: one over bytes in order (files, parameters), one for cells that are summed in any order.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "common/anywhere.hpp"

namespace cx {

// 64-bit FNV-1a, taken over 8-byte words where it can be: detects accidents, not attackers.
class Checksum {
 public:
  void add(const void* data, std::size_t bytes) {
    const auto* at = static_cast<const unsigned char*>(data);
    for (; bytes >= 8; at += 8, bytes -= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      mix(word);
    }
    for (; bytes; ++at, --bytes) mix(*at);
  }
  std::uint64_t value() const { return state_; }

 private:
  void mix(std::uint64_t word) {
    state_ = (state_ ^ word) * 0x100000001b3ULL;
    state_ ^= state_ >> 32;  // FNV alone lets the high bits of a word reach the low ones never
  }
  std::uint64_t state_ = 0xcbf29ce484222325ULL;
};

// SplitMix64's finaliser: every input bit reaches every output bit.
CX_ANYWHERE inline std::uint64_t scramble(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15ULL;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
  return x ^ (x >> 31);
}

// The share of one cell in a sum over all cells: the sum is the same for every way to divide the cells among ranks.
inline std::uint64_t cell_hash(std::uint64_t index, double value) {
  std::uint64_t bits;
  std::memcpy(&bits, &value, 8);
  return scramble(scramble(index) ^ bits);
}

inline std::string hex(std::uint64_t value) {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(value));
  return text;
}

}  // namespace cx
