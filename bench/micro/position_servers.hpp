/// The two servers of the positions benchmark, each a process of its own that is talked to over its standard streams.
/// It says `port N`, `token T` for each partner, and `ready`; to every line it is then sent it answers with two
/// numbers: messages read, and positions that reached the index. It ends when its input does.
#pragma once

#include <cstddef>

namespace dabba::bench {

/// A node with all its actors, but without a database: positions are never stored. `partners` are online.
int serve_node(std::size_t partners);

/// Beast reads the messages and throws them away. It has no tokens, and its second number is always 0.
int serve_sink();

}  // namespace dabba::bench
