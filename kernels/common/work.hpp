// The exact work of a run. --plan computes it from the arguments; the run itself counts it; tests compare the two.
#pragma once
#include "common/json.hpp"

namespace cx {

struct Work {
  // Doubles: exact up to 2^53, and sums of larger runs must not wrap.
  double flops = 0;      // floating-point additions and multiplications of the method
  double bytes_hbm = 0;  // main-memory traffic if every array is streamed once per sweep
  double bytes_net = 0;  // payload sent between ranks
  double msgs = 0;       // messages that carry it

  void write(Json& json) const {
    json.object("work").number("flops", flops).number("bytes_hbm", bytes_hbm);
    json.number("bytes_net", bytes_net).number("msgs", msgs).end();
  }
};

}  // namespace cx
