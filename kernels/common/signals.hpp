// Signals as flags that the main loop reads: ranks agree at a step's end, so nobody is left waiting in a collective.
#pragma once
#include <csignal>

namespace cx {

namespace detail {
inline volatile std::sig_atomic_t stop_asked = 0, save_asked = 0;
}

// SIGTERM asks to stop, SIGUSR1 and SIGUSR2 for a checkpoint.
inline void watch_signals() {
  std::signal(SIGTERM, [](int) { detail::stop_asked = 1; });
  std::signal(SIGUSR1, [](int) { detail::save_asked = 1; });
  std::signal(SIGUSR2, [](int) { detail::save_asked = 1; });
  std::signal(SIGPIPE, SIG_IGN);  // a lost peer is an error code of send(), not a silent death
}

inline bool stop_asked() {
  return detail::stop_asked != 0;
}

// Whether a checkpoint was asked for since the last call.
inline bool take_save_asked() {
  const bool asked = detail::save_asked != 0;
  detail::save_asked = 0;
  return asked;
}

}  // namespace cx
