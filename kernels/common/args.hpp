// Command-line options: declared once, so that parsing, range checks and --help cannot disagree.
#pragma once
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

#include "common/failure.hpp"

namespace cx {

class Args {
 public:
  Args(std::string name, std::string summary) : name_(std::move(name)), summary_(std::move(summary)) {}

  // An integer in [low, high]; `high` also guards the arithmetic done with it later.
  void integer(const char* flag, long long& value, long long low, long long high, const char* help) {
    add(flag, "N", std::to_string(value), help, [=, &value](const std::string& text) {
      value = parse_integer(flag, text);
      if (value < low || value > high)
        fail(std::string(flag) + " must be between " + std::to_string(low) + " and " + std::to_string(high) + ", not " +
             text);
    });
  }

  // A finite number > 0.
  void positive(const char* flag, double& value, const char* help) {
    add(flag, "X", shortest(value), help, [=, &value](const std::string& text) { value = parse_positive(flag, text); });
  }

  // A comma-separated list of finite numbers > 0.
  void positives(const char* flag, std::vector<double>& values, const char* help) {
    std::string shown;
    for (double value : values) shown += (shown.empty() ? "" : ",") + shortest(value);
    add(flag, "X,X,…", shown, help, [=, &values](const std::string& text) {
      values.clear();
      for (std::size_t at = 0; at <= text.size();) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        values.push_back(parse_positive(flag, text.substr(at, comma - at)));
        at = comma + 1;
      }
    });
  }

  void text(const char* flag, std::string& value, const char* unit, const char* help) {
    add(flag, unit, value, help, [&value](const std::string& text) { value = text; });
  }

  void flag(const char* flag, bool& value, const char* help) {
    add(flag, "", "", help, [&value](const std::string&) { value = true; });
  }

  // Throws Failure(kUsage) on the first wrong argument. Both `--n 8` and `--n=8` are read.
  void parse(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      std::string word = argv[i], value;
      const std::size_t equals = word.find('=');
      const bool inline_value = word.rfind("--", 0) == 0 && equals != std::string::npos;
      if (inline_value) {
        value = word.substr(equals + 1);
        word.resize(equals);
      }
      const Option* option = find(word);
      if (!option) fail("unknown argument " + word + "; see --help");
      if (option->unit.empty()) {
        if (inline_value) fail(word + " takes no value");
      } else if (!inline_value) {
        if (++i == argc) fail(word + " needs a value");
        value = argv[i];
      }
      option->read(value);
    }
  }

  // As people write a number.
  static std::string shortest(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.12g", value);
    return text;
  }

  std::string help() const {
    std::string out = summary_ + "\n\nUsage: " + name_ + " [options]\n";
    for (const Option& option : options_) {
      std::string left = "  " + option.flag + (option.unit.empty() ? "" : " " + option.unit);
      // The one non-ASCII character (…) takes three bytes and one column.
      const std::size_t width = 26 + (left.find("…") == std::string::npos ? 0 : 2);
      left.resize(std::max(left.size() + 1, width), ' ');
      out += left + option.help + (option.initial.empty() ? "" : " [" + option.initial + "]") + "\n";
    }
    return out;
  }

 private:
  struct Option {
    std::string flag, unit, initial, help;
    std::function<void(const std::string&)> read;
  };

  [[noreturn]] static void fail(const std::string& message) { throw Failure(kUsage, message); }

  static long long parse_integer(const char* flag, const std::string& text) {
    char* end = nullptr;
    errno = 0;
    const long long value = std::strtoll(text.c_str(), &end, 10);
    if (text.empty() || *end || errno) fail(std::string(flag) + " must be an integer, not \"" + text + "\"");
    return value;
  }

  static double parse_positive(const char* flag, const std::string& text) {
    char* end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end || !std::isfinite(value) || value <= 0)
      fail(std::string(flag) + " must be a number above 0, not \"" + text + "\"");
    return value;
  }

  void add(const char* flag, const char* unit, std::string initial, const char* help,
           std::function<void(const std::string&)> read) {
    options_.push_back({flag, unit, std::move(initial), help, std::move(read)});
  }

  const Option* find(const std::string& flag) const {
    for (const Option& option : options_)
      if (option.flag == flag) return &option;
    return nullptr;
  }

  std::string name_, summary_;
  std::vector<Option> options_;
};

}  // namespace cx
