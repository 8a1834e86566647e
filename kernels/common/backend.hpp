// Which processor does the work: the CPU, or a GPU through CUDA.
#pragma once
#include <string>

#include "common/args.hpp"
#include "common/gpu.hpp"

namespace cx {

struct Backend {
  std::string name = "cpu";
  bool share = false;

  bool cuda() const { return name == "cuda"; }

  void declare(Args& args) {
    args.text("--backend", name, "NAME", (std::string("cpu, or cuda, which is ") + kNeverRun).c_str());
    args.flag("--share-gpus", share, "let ranks share a GPU where there are more ranks than GPUs");
  }

  // Throws Failure(kUsage). `feature` names an option of the CPU's that was asked for, if any.
  void check(const char* feature = nullptr) const {
    if (name != "cpu" && name != "cuda") throw Failure(kUsage, "--backend must be cpu or cuda, not \"" + name + "\"");
    if (share && !cuda()) throw Failure(kUsage, "--share-gpus needs --backend cuda");
    if (feature && cuda()) throw Failure(kUsage, std::string(feature) + " is not for --backend cuda");
  }
};

}  // namespace cx
