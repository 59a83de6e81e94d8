/// The port where nodes meet: what is not a node's gets nothing there, and does no harm.
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "tests/system/support/node.hpp"
#include "tests/system/support/tcp.hpp"

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

/// A header of CAF's protocol, 32 bytes in network byte order.
std::string header(unsigned operation, std::uint32_t payload, std::uint64_t data = 0, std::uint64_t from = 0,
                   std::uint64_t to = 0) {
  std::string out;
  auto put = [&out](std::uint64_t x, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(x >> shift & 0xff);
  };
  put(0, 2);
  put(0, 1);
  put(operation, 1);
  put(payload, 4);
  put(data, 8);
  put(from, 8);
  put(to, 8);
  return out;
}

std::vector<std::string> bad_greetings() {
  std::mt19937_64 random{11};
  std::vector<std::string> out{"GET / HTTP/1.1\r\nHost: x\r\n\r\n", std::string(64, '\0'), std::string(64, '\xff')};
  for (unsigned operation = 0; operation < 12; ++operation)
    for (std::uint32_t payload : {0u, 1u, 65'537u, 2'000'000'000u, 0xffffffffu})
      for (std::uint64_t data : {0u, 4u, 5u}) {
        out.push_back(header(operation, payload, data));
        out.push_back(header(operation, payload, data, 1, 1) + std::string(16, 'x'));
      }
  for (int i = 0; i < 100; ++i) {
    std::string noise(random() % 4096, '\0');
    for (auto& byte : noise) byte = static_cast<char>(random());
    out.push_back(std::move(noise));
  }
  return out;
}

struct certified {
  explicit certified(const scratch_folder& folder) : dir{folder.path() / "certificates"} { make({"authority"}); }
  void make(std::vector<std::string> what) const {
    std::vector<std::string> command{DABBA_CERTIFICATES_SCRIPT};
    command.insert(command.end(), what.begin(), what.end());
    command.insert(command.end(), {"--out", dir.string()});
    run_program(command, 30s);
  }
  [[nodiscard]] std::vector<std::string> flags(const std::string& name) const {
    make({"node", name});
    return {"--cluster-certificate", (dir / (name + ".pem")).string(),
            "--cluster-key",         (dir / (name + "-key.pem")).string(),
            "--cluster-authority",   (dir / "authority.pem").string()};
  }

  std::filesystem::path dir;
};

/// A second node on the first one's database, that need not become ready.
child_process another_node(const test_node& first, std::vector<std::string> flags) {
  std::vector<std::string> command{
      DABBA_PROGRAM,
      "node",
      "--database",
      first.database(),
      "--listen",
      "127.0.0.1:" + std::to_string(free_port()),
      "--signing-key",
      first.signing_key(),
      "--web-root",
      "",
      "--trust-unknown-callers"};
  command.insert(command.end(), flags.begin(), flags.end());
  return child_process{command, first.folder() / "another.log"};
}

/// How many nodes are in this state, by what any node says.
std::size_t count_nodes(const test_node& node, const std::string& state) {
  auto answer = node.client("ADMIN", "018f6f2c-0000-7000-8000-000000000001").get("/v1/admin/cluster").json();
  std::size_t count = 0;
  for (const auto& each : answer.at("nodes")) count += each.at("state") == state ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("whatever bytes come to the cluster port, the node goes on and keeps its memory") {
  auto port = free_port();
  test_node node{{"--cluster-listen", "127.0.0.1:" + std::to_string(port)}};
  auto before = node.process().resident_kib();
  std::vector<tcp_connection> open;
  for (const auto& bytes : bad_greetings()) {
    open.emplace_back(port);
    (void)open.back().send(bytes);
    REQUIRE(node.process().is_running());
  }
  CHECK(node.stranger().get("/livez").status == 200);
  CHECK(node.process().resident_kib() < before + 64 * 1024);
  open.clear();
  // And it still takes in a node.
  auto second = another_node(node, {});
  CHECK(eventually(20s, [&] { return count_nodes(node, "up") == 2; }));
  CHECK(node.process().is_running());
}

TEST_CASE("a TLS cluster takes in nodes whose certificate its authority signed, and no others") {
  scratch_folder folder;
  certified ours{folder};
  test_node node{ours.flags("first")};
  auto second = another_node(node, ours.flags("second"));
  CHECK(eventually(20s, [&] { return count_nodes(node, "up") == 2; }));

  scratch_folder elsewhere;
  certified theirs{elsewhere};
  auto stranger = another_node(node, theirs.flags("stranger"));
  auto naked = another_node(node, {});
  CHECK(eventually(20s, [&] { return count_nodes(node, "joining") == 2; }));
  CHECK_FALSE(eventually(4s, [&] { return count_nodes(node, "up") != 2 || count_nodes(node, "joining") != 2; }));
  queries db{node.database()};
  CHECK(db.number("select count(*) from cluster.shard s join cluster.node n on n.node_id = s.owner "
                  "where n.state = 'up'") == 256);
  CHECK(node.process().is_running());
  CHECK(second.is_running());
}

}  // namespace dabba::system_tests
