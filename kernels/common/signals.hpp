// SIGTERM as a flag that the main loop reads: ranks agree at a step's end, so nobody is left waiting in a collective.
#pragma once
#include <csignal>

namespace cx {

namespace detail {
inline volatile std::sig_atomic_t stop_asked = 0;
}

inline void watch_sigterm() {
  std::signal(SIGTERM, [](int) { detail::stop_asked = 1; });
  std::signal(SIGPIPE, SIG_IGN);  // a lost peer is an error code of send(), not a silent death
}

inline bool stop_asked() {
  return detail::stop_asked != 0;
}

}  // namespace cx
