/// A client of Redis: one blocking connection, requests and answers in its own protocol (RESP 2).
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace dabba::bench {

/// A command as it travels.
std::string redis_command(std::initializer_list<std::string_view> words);

class redis_client {
 public:
  /// `address` is host:port or the path of a unix socket. Throws std::runtime_error.
  explicit redis_client(const std::string& address);
  ~redis_client();
  redis_client(const redis_client&) = delete;
  redis_client& operator=(const redis_client&) = delete;

  /// Sends commands, one or several at once.
  void send(std::string_view commands);
  /// The next answer; what is nested in it comes in one row. An error answer is thrown as std::runtime_error.
  void receive(std::vector<std::string>& into);
  std::vector<std::string> call(std::initializer_list<std::string_view> words);

 private:
  void read_value(std::vector<std::string>& into);
  std::string_view read_line();
  std::string_view read_bytes(std::size_t count);
  void read_more();

  int socket_ = -1;
  std::string buffer_;
  std::size_t at_ = 0;  ///< what lies before was read
};

}  // namespace dabba::bench
