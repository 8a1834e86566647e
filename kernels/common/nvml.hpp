// NVIDIA's management library, found when the program runs: no header, no link, and none of it where there is no driver.
#pragma once
#include <dlfcn.h>

#include <string>

namespace cx {

class Nvml {
 public:
  using Device = void*;

  Nvml() : library_(dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL)) {
    if (library_ && ask("nvmlInit_v2")) return;
    if (library_) dlclose(library_);
    library_ = nullptr;
  }
  ~Nvml() {
    if (!library_) return;
    ask("nvmlShutdown");
    dlclose(library_);
  }
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  bool usable() const { return library_ != nullptr; }

  // Calls a function by its name. False where the library has none of that name, or it fails (which is status != 0).
  template <typename... Args>
  bool ask(const char* function, Args... args) const {
    if (!library_) return false;
    const auto pointer = reinterpret_cast<int (*)(Args...)>(dlsym(library_, function));
    return pointer && pointer(args...) == 0;
  }

  // The GPU at a PCI address (of a MIG slice: the whole GPU); null where there is none.
  Device device(const std::string& bus) const {
    Device device = nullptr;
    return ask("nvmlDeviceGetHandleByPciBusId_v2", bus.c_str(), &device) ? device : nullptr;
  }

  std::string driver() const {
    char text[96] = {};
    return ask("nvmlSystemGetDriverVersion", +text, static_cast<unsigned>(sizeof text)) ? text : "";
  }

 private:
  void* library_;
};

}  // namespace cx
