// A JSON writer without a tree: objects and arrays nest by calls, commas take care of themselves.
#pragma once
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace cx {

class Json {
 public:
  Json& object(const char* key = nullptr) { return open(key, '{'); }
  Json& array(const char* key = nullptr) { return open(key, '['); }
  Json& end() {
    text_ += closers_.back();
    closers_.pop_back();
    comma_ = true;
    return *this;
  }

  // 17 significant digits bring every double back unchanged. What is not a number becomes null: unknown, never 0.
  Json& number(const char* key, double value) {
    if (!std::isfinite(value)) return null(key);
    char text[40];
    std::snprintf(text, sizeof text, "%.17g", value);
    // Most figures need fewer digits; the shortest that reads back the same is easier on people.
    for (int digits = 6; digits < 17; digits += 3) {
      char shorter[40];
      std::snprintf(shorter, sizeof shorter, "%.*g", digits, value);
      if (std::strtod(shorter, nullptr) == value) return raw(key, shorter);
    }
    return raw(key, text);
  }

  // A measured figure: six digits are more than any clock gives.
  Json& measured(const char* key, double value) {
    if (!std::isfinite(value)) return null(key);
    char text[40];
    std::snprintf(text, sizeof text, "%.6g", value);
    return raw(key, text);
  }

  Json& integer(const char* key, std::int64_t value) { return raw(key, std::to_string(value)); }
  Json& boolean(const char* key, bool value) { return raw(key, value ? "true" : "false"); }
  Json& null(const char* key) { return raw(key, "null"); }

  Json& string(const char* key, const std::string& value) {
    std::string quoted = "\"";
    for (const unsigned char c : value) {
      if (c == '"' || c == '\\') (quoted += '\\') += static_cast<char>(c);
      else if (c < 0x20) {
        char escape[8];
        std::snprintf(escape, sizeof escape, "\\u%04x", c);
        quoted += escape;
      } else quoted += static_cast<char>(c);
    }
    return raw(key, quoted + '"');
  }

  const std::string& str() const { return text_; }

 private:
  Json& raw(const char* key, const std::string& value) {
    begin(key);
    text_ += value;
    comma_ = true;
    return *this;
  }

  Json& open(const char* key, char bracket) {
    begin(key);
    text_ += bracket;
    closers_ += bracket == '{' ? '}' : ']';
    comma_ = false;
    return *this;
  }

  void begin(const char* key) {
    if (comma_) text_ += ',';
    if (key) ((text_ += '"') += key) += "\":";
  }

  std::string text_, closers_;
  bool comma_ = false;
};

}  // namespace cx
