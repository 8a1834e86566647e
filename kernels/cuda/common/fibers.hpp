// Fibers on one thread of the CPU: each runs until it must wait for the others.
#pragma once
#include <ucontext.h>

#include <functional>
#include <vector>

namespace cx::shim {

struct Fibers {
  ucontext_t scheduler{};
  std::vector<ucontext_t> contexts;
  std::vector<std::vector<char>> stacks;
  std::vector<char> done;
  unsigned current = 0;
  std::function<void(unsigned)> body;
};
inline Fibers fibers;

inline void yield() {
  swapcontext(&fibers.contexts[fibers.current], &fibers.scheduler);
}

class FiberBarrier {
 public:
  explicit FiberBarrier(unsigned size) : size_(size) {}
  void arrive_and_wait() {
    const unsigned round = round_;
    if (++arrived_ == size_) {
      arrived_ = 0;
      ++round_;
    }
    while (round_ == round) yield();
  }

 private:
  unsigned size_, arrived_ = 0, round_ = 0;
};

// Runs body(i) for i below `count`, in turns; `enter(i)` goes before each turn of fiber i.
template <typename Enter, typename Body>
void run_fibers(unsigned count, Enter enter, Body body) {
  constexpr std::size_t kStack = std::size_t{1} << 17;
  fibers.body = body;
  fibers.contexts.resize(count);
  fibers.done.assign(count, 0);
  while (fibers.stacks.size() < count) fibers.stacks.emplace_back(kStack);
  for (unsigned i = 0; i < count; ++i) {
    ucontext_t& context = fibers.contexts[i];
    getcontext(&context);
    context.uc_stack.ss_sp = fibers.stacks[i].data();
    context.uc_stack.ss_size = kStack;
    context.uc_link = &fibers.scheduler;
    makecontext(&context, +[] {
      fibers.body(fibers.current);
      fibers.done[fibers.current] = 1;
    }, 0);
  }
  for (unsigned left = count; left > 0;)
    for (unsigned i = 0; i < count; ++i) {
      if (fibers.done[i]) continue;
      fibers.current = i;
      enter(i);
      swapcontext(&fibers.scheduler, &fibers.contexts[i]);
      left -= static_cast<unsigned>(fibers.done[i]);
    }
}

}  // namespace cx::shim
