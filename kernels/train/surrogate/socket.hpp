// TCP with an end to every wait: each call returns, throws Failure(kPeerLost) in time, or Failure(kStopped) on SIGTERM.
#pragma once
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "common/failure.hpp"
#include "common/signals.hpp"
#include "common/timer.hpp"

namespace surrogate {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {
    if (fd < 0) return;
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // the ring sends small pieces and waits for each
  }
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }

  // The peer's numeric address, as this end sees it.
  std::string peer() const {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    char host[NI_MAXHOST] = "";
    if (getpeername(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
      getnameinfo(reinterpret_cast<sockaddr*>(&address), size, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    return host;
  }

 private:
  int fd_ = -1;
};

[[noreturn]] inline void lost(const std::string& message) {
  throw cx::Failure(cx::kPeerLost, message);
}

// Waits for events; false when `deadline` (of cx::now()) has passed. Wakes often enough to notice SIGTERM, and then
// waits for `patience` seconds more: ranks in mid-collective finish it, so that all can agree to stop after one step.
inline bool wait(pollfd* fds, nfds_t count, double deadline, double patience = 0) {
  for (double noticed = 0;;) {
    if (cx::stop_asked() && noticed == 0) noticed = cx::now();
    if (noticed > 0 && cx::now() - noticed >= patience)
      throw cx::Failure(cx::kStopped, "stopped by SIGTERM while waiting for a peer");
    const double left = deadline - cx::now();
    if (left <= 0) return false;
    const int ready = poll(fds, count, static_cast<int>(std::clamp(left * 1000, 1.0, 200.0)));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) lost(std::string("poll: ") + std::strerror(errno));
  }
}

struct Outgoing {
  const Socket& to;
  const void* data;
  std::size_t bytes;
};
struct Incoming {
  const Socket& from;
  void* data;
  std::size_t bytes;
};

// Sends and receives at the same time: in a ring where all send first and read later, full buffers would block everyone.
// `silence`: seconds without any byte moving after which the peer is lost.
inline void exchange(Outgoing out, Incoming in, double silence, double patience = 0) {
  const char* send_at = static_cast<const char*>(out.data);
  char* receive_at = static_cast<char*>(in.data);
  while (out.bytes || in.bytes) {
    pollfd fds[2] = {{in.bytes ? in.from.fd() : -1, POLLIN, 0}, {out.bytes ? out.to.fd() : -1, POLLOUT, 0}};
    if (!wait(fds, 2, cx::now() + silence, patience))
      lost("no answer for " + std::to_string(static_cast<long long>(silence)) + " s");
    if (fds[0].revents) {
      const ssize_t got = recv(in.from.fd(), receive_at, in.bytes, 0);
      if (got == 0) lost("it closed the connection");
      if (got < 0 && errno != EAGAIN && errno != EINTR) lost(std::strerror(errno));
      if (got > 0) receive_at += got, in.bytes -= static_cast<std::size_t>(got);
    }
    if (fds[1].revents) {
      const ssize_t sent = send(out.to.fd(), send_at, out.bytes, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN && errno != EINTR) lost(std::strerror(errno));
      if (sent > 0) send_at += sent, out.bytes -= static_cast<std::size_t>(sent);
    }
  }
}

inline void send_all(const Socket& to, const void* data, std::size_t bytes, double silence) {
  exchange({to, data, bytes}, {to, nullptr, 0}, silence);
}
inline void receive_all(const Socket& from, void* data, std::size_t bytes, double silence) {
  exchange({from, nullptr, 0}, {from, data, bytes}, silence);
}

}  // namespace surrogate
