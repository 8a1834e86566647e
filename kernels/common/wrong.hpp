// Wrong twins. Tests compile every kernel a second time with CX_WRONG: that program makes the mistake which --break names,
// and its verification must see it. In the real programs nothing of it is left.
#pragma once
#include <string>

#include "common/args.hpp"

namespace cx {

class Wrong {
 public:
  // Whether to make the mistake `what`; a constant false in real programs.
  bool is([[maybe_unused]] const char* what) const {
#ifdef CX_WRONG
    return name_ == what;
#else
    return false;
#endif
  }

  void declare([[maybe_unused]] Args& args) {
#ifdef CX_WRONG
    args.text("--break", name_, "NAME", "the mistake to make");
#endif
  }

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace cx
