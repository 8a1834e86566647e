// Making TCP connections: listening, dialling until somebody answers, accepting. All waits end (see socket.hpp).
#pragma once
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "train/surrogate/socket.hpp"

namespace surrogate {

// Listens on all addresses, of IPv6 and IPv4 where the machine has both. Port 0 picks a free one.
inline Socket listen_on(int port) {
  const int on = 1, off = 0;
  int reason = 0;
  for (const int family : {AF_INET6, AF_INET}) {
    Socket listener(socket(family, SOCK_STREAM, 0));
    if (!listener) continue;
    setsockopt(listener.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(static_cast<std::uint16_t>(port));
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = six.sin6_port;
    if (family == AF_INET6) setsockopt(listener.fd(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    const auto* address =
        family == AF_INET6 ? reinterpret_cast<const sockaddr*>(&six) : reinterpret_cast<const sockaddr*>(&four);
    const socklen_t size = family == AF_INET6 ? sizeof six : sizeof four;
    if (bind(listener.fd(), address, size) == 0 && listen(listener.fd(), 128) == 0) return listener;
    reason = errno;
  }
  lost("cannot listen on port " + std::to_string(port) + ": " + std::strerror(reason));
}

inline int port_of(const Socket& listener) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  getsockname(listener.fd(), reinterpret_cast<sockaddr*>(&address), &size);
  // Both families keep the port at the same place.
  return ntohs(reinterpret_cast<const sockaddr_in*>(&address)->sin_port);
}

namespace detail {
// One attempt; an empty Socket when it failed, with the reason in `why`.
inline Socket try_connect(const std::string& host, int port, double deadline, std::string& why) {
  addrinfo hints{}, *found = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  const int failed = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failed) why = gai_strerror(failed);
  Socket connected;
  for (const addrinfo* at = found; at && !connected; at = at->ai_next) {
    Socket attempt(socket(at->ai_family, SOCK_STREAM, 0));
    if (!attempt) continue;
    int reason = connect(attempt.fd(), at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
    if (reason == EINPROGRESS) {
      pollfd writable{attempt.fd(), POLLOUT, 0};
      socklen_t size = sizeof reason;
      // A host that swallows packets must not use up the whole time: another attempt may find it back.
      if (!wait(&writable, 1, std::min(deadline, cx::now() + 5))) reason = ETIMEDOUT;
      else getsockopt(attempt.fd(), SOL_SOCKET, SO_ERROR, &reason, &size);
    }
    if (reason == 0) connected = std::move(attempt);
    else why = std::strerror(reason);
  }
  if (found) freeaddrinfo(found);
  return connected;
}
}  // namespace detail

// Tries again every 200 ms: the peer may not be there yet, nor its name in DNS.
inline Socket connect_to(const std::string& host, int port, double deadline) {
  std::string why = "no address";
  for (;;) {
    Socket connected = detail::try_connect(host, port, deadline, why);
    if (connected) return connected;
    if (cx::now() >= deadline) lost("cannot reach " + host + " port " + std::to_string(port) + ": " + why);
    wait(nullptr, 0, std::min(deadline, cx::now() + 0.2));
  }
}

// An empty Socket when nobody came before the deadline.
inline Socket accept_one(const Socket& listener, double deadline) {
  pollfd readable{listener.fd(), POLLIN, 0};
  while (wait(&readable, 1, deadline)) {
    Socket accepted(accept(listener.fd(), nullptr, nullptr));
    if (accepted) return accepted;
  }
  return Socket();
}

}  // namespace surrogate
