// How the ranks find each other: all dial rank 0, which answers with everybody's address; then each dials its successor.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "train/surrogate/config.hpp"
#include "train/surrogate/dial.hpp"

namespace surrogate {

struct Neighbours {
  Socket next, previous;  // empty when alone
};

namespace detail {

struct Hello {
  char magic[8] = {'C', 'X', 'R', 'I', 'N', 'G', '1', '\n'};
  std::uint32_t rank = 0, ranks = 0;
  std::uint32_t port = 0;    // where the sender listens for its predecessor
  std::uint32_t answer = 0;  // rank 0's: 1 = welcome, 0 = no
  std::uint64_t run = 0;     // hash of arguments, data set and attempt: all must agree
};

struct Address {
  char host[64] = "";
  std::uint32_t port = 0;
};

inline constexpr double kHelloSeconds = 5;  // a stranger that says nothing may not hold up the others

// The hello of whoever connected; false for a stranger, who is left without an answer.
inline bool greet(const Socket& peer, Hello& hello) {
  try {
    receive_all(peer, &hello, sizeof hello, kHelloSeconds);
  } catch (const cx::Failure& failure) {
    if (failure.code() == cx::kStopped) throw;
    return false;
  }
  return std::memcmp(hello.magic, Hello().magic, sizeof hello.magic) == 0;
}

inline std::string missing(const std::vector<Socket>& peers) {
  std::string ranks;
  int more = 0;
  for (std::size_t rank = 1; rank < peers.size(); ++rank) {
    if (peers[rank]) continue;
    if (ranks.size() > 40) ++more;
    else ranks += (ranks.empty() ? "" : ", ") + std::to_string(rank);
  }
  return ranks + (more ? " and " + std::to_string(more) + " more" : "");
}

// Rank 0: waits for all, then tells everyone who is where.
inline std::vector<Address> gather(const Place& place, const Socket& listener, std::uint64_t run, double timeout) {
  std::vector<Socket> peers(static_cast<std::size_t>(place.ranks));
  std::vector<Address> table(peers.size());
  table[0].port = static_cast<std::uint32_t>(place.port);  // its host is what everybody dialled already
  const double deadline = cx::now() + timeout;
  for (int waiting = place.ranks - 1; waiting > 0;) {
    Socket peer = accept_one(listener, deadline);
    if (!peer)
      lost("rank " + missing(peers) + " did not call within " + std::to_string(static_cast<long long>(timeout)) + " s");
    Hello hello;
    if (!greet(peer, hello)) continue;
    const bool fits = hello.ranks == static_cast<std::uint32_t>(place.ranks) && hello.rank >= 1 &&
                      hello.rank < hello.ranks && hello.run == run;
    if (!fits || peers[hello.rank]) {
      Hello refusal;
      send_all(peer, &refusal, sizeof refusal, kHelloSeconds);
      if (!fits)
        lost("a peer called with other arguments, another data set or another attempt (it says rank " +
             std::to_string(hello.rank) + " of " + std::to_string(hello.ranks) + ")");
      continue;
    }
    std::snprintf(table[hello.rank].host, sizeof table[0].host, "%s", peer.peer().c_str());
    table[hello.rank].port = hello.port;
    peers[hello.rank] = std::move(peer);
    --waiting;
  }
  Hello welcome;
  welcome.answer = 1;
  for (std::size_t rank = 1; rank < peers.size(); ++rank) {
    send_all(peers[rank], &welcome, sizeof welcome, timeout);
    send_all(peers[rank], table.data(), table.size() * sizeof(Address), timeout);
  }
  return table;
}

inline std::vector<Address> call(const Place& place, const Hello& hello, double timeout) {
  const Socket master = connect_to(place.host, place.port, cx::now() + timeout);
  send_all(master, &hello, sizeof hello, timeout);
  Hello answer;
  receive_all(master, &answer, sizeof answer, timeout);
  if (!answer.answer) lost("rank 0 refused: other arguments, another data set, another attempt, or this rank is taken");
  std::vector<Address> table(static_cast<std::size_t>(place.ranks));
  receive_all(master, table.data(), table.size() * sizeof(Address), timeout);
  return table;
}

}  // namespace detail

// Throws Failure(kPeerLost) naming who is missing, within `timeout` seconds per stage.
inline Neighbours meet(const Place& place, std::uint64_t run, double timeout) {
  Neighbours ring;
  if (place.ranks == 1) return ring;
  const Socket listener = listen_on(place.rank == 0 ? place.port : 0);
  detail::Hello hello;
  hello.rank = static_cast<std::uint32_t>(place.rank);
  hello.ranks = static_cast<std::uint32_t>(place.ranks);
  hello.port = static_cast<std::uint32_t>(port_of(listener));
  hello.run = run;
  const auto table =
      place.rank == 0 ? detail::gather(place, listener, run, timeout) : detail::call(place, hello, timeout);
  const int next = (place.rank + 1) % place.ranks, previous = (place.rank + place.ranks - 1) % place.ranks;
  const detail::Address& address = table[static_cast<std::size_t>(next)];
  // Everyone dials before anyone accepts: the kernel's backlog takes the call, so the circle cannot lock.
  ring.next = connect_to(next == 0 ? place.host : address.host, static_cast<int>(address.port), cx::now() + timeout);
  send_all(ring.next, &hello, sizeof hello, timeout);
  for (const double deadline = cx::now() + timeout; !ring.previous;) {
    Socket peer = accept_one(listener, deadline);
    if (!peer)
      lost("rank " + std::to_string(previous) + " did not connect within " +
           std::to_string(static_cast<long long>(timeout)) + " s");
    detail::Hello theirs;
    if (detail::greet(peer, theirs) && theirs.run == run && theirs.rank == static_cast<std::uint32_t>(previous))
      ring.previous = std::move(peer);
  }
  return ring;
}

}  // namespace surrogate
