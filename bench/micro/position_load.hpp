/// The load of the positions benchmark: partners' sockets, and frames prepared beforehand.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dabba::bench {

struct load_shape {
  std::size_t sockets = 64;
  std::size_t frames = 1'000'000;    ///< all in all
  std::size_t frames_per_write = 1;  ///< how many go to a socket in one piece
  /// How many may be on their way that the server has not read; nothing: as many as the sockets hold.
  std::optional<std::size_t> unread;
};

class position_load {
 public:
  /// Opens the sockets; `tokens` may be empty for a server that asks for none. Throws std::runtime_error.
  position_load(std::uint16_t port, const std::vector<std::string>& tokens, const load_shape& shape);
  ~position_load();
  position_load(const position_load&) = delete;
  position_load& operator=(const position_load&) = delete;

  /// One frame to each socket.
  void send_one_each();
  /// Sends all of `shape.frames`. `read_so_far` says how many of those the server has read. Throws std::runtime_error
  /// when it stops reading.
  void send_all(const std::function<std::uint64_t()>& read_so_far);

 private:
  struct link {
    int socket = -1;
    std::string frames;
    std::size_t sent = 0;  ///< bytes of `frames`, which begin again at their end
  };

  std::size_t write(link& to, std::size_t frames);
  void wait_for_room();

  load_shape shape_;
  std::size_t frame_size_ = 0;
  std::vector<link> links_;
};

}  // namespace dabba::bench
