/// Nodes that are starting, and what is said before there is a cluster.
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/system/support/node.hpp"

namespace dabba::system_tests {
namespace {

using namespace std::chrono_literals;

/// A migrated database that no node has seen, a signing key, and programs started on it.
class fresh_start {
 public:
  fresh_start() {
    run_dabba({"migrate", "--database", database.url()});
    run_dabba({"token", "--new-key", key()});
  }

  [[nodiscard]] std::string key() const { return (folder.path() / "key.pem").string(); }
  /// In the folder, with as little as a node needs.
  [[nodiscard]] child_process node(std::vector<std::string> flags) const {
    std::vector<std::string> command{"/usr/bin/env", "-C",           folder.path().string(), DABBA_PROGRAM, "node",
                                     "--database",   database.url(), "--signing-key",        key()};
    command.insert(command.end(), flags.begin(), flags.end());
    return child_process{command, folder.path() / "node.log"};
  }

  scratch_database database{shared_server()};
  scratch_folder folder;
};

std::string listen_at(const std::string& address, std::uint16_t port) { return address + ":" + std::to_string(port); }

bool is_ready(std::uint16_t port) {
  try {
    return http_client{port}.get("/readyz").status == 200;
  } catch (const no_answer&) {
    return false;
  }
}

/// How `dabba cluster` fails, and what it says.
struct failure {
  std::string text;
  steady::duration took;
};

failure failed_cluster_command(std::vector<std::string> arguments) {
  scratch_folder folder;
  arguments.insert(arguments.begin(), {DABBA_PROGRAM, "cluster"});
  auto began = steady::now();
  child_process command{arguments, folder.path() / "log"};
  auto ended = command.wait(20s);
  REQUIRE(ended);
  CHECK(ended->status == 1);
  return {command.log_tail(), steady::now() - began};
}

}  // namespace

TEST_CASE("a node that waits for a cluster to join ends at once when it is told to") {
  fresh_start on;
  auto signal = GENERATE(SIGTERM, SIGINT);
  auto node = on.node({"--listen", "127.0.0.1:0", "--join"});
  queries db{on.database.url()};
  // It has looked for the cluster, and will look again.
  REQUIRE(eventually(20s, [&] {
    return db.number(
               "select count(*) from pg_stat_activity where datname = current_database() and application_name = "
               "'dabba start' and query like '%shard_count%'") == 1;
  }));
  node.signal(signal);
  auto ended = node.wait(2s);
  INFO(node.log_tail());
  REQUIRE(ended);
  CHECK(ended->status == 0);
}

TEST_CASE("a node says that others can't reach it at a wildcard address, and does not start") {
  fresh_start on;
  auto address = GENERATE(as<std::string>{}, "0.0.0.0", "[::]");
  auto node = on.node({"--listen", "127.0.0.1:0", "--cluster-listen", address + ":0"});
  auto ended = node.wait(20s);
  REQUIRE(ended);
  CHECK(ended->status == 1);
  CHECK(node.log_tail().find("other nodes can't connect to " + address + ": --cluster-host is needed") !=
        std::string::npos);
}

TEST_CASE("a node that listens on all addresses is shown to operators by the machine's name") {
  fresh_start on;
  auto port = free_port();
  auto node = on.node({"--listen", listen_at("0.0.0.0", port), "--web-root", ""});
  REQUIRE(eventually(30s, [&] { return is_ready(port); }));
  std::array<char, 256> name{};
  REQUIRE(::gethostname(name.data(), name.size() - 1) == 0);
  queries db{on.database.url()};
  CHECK(db.column("select http_url from cluster.node") == std::vector{"http://" + listen_at(name.data(), port)});
}

TEST_CASE("without a page where it is by default a node serves none and says so") {
  fresh_start on;
  auto port = free_port();
  auto node = on.node({"--listen", listen_at("127.0.0.1", port)});
  REQUIRE(eventually(30s, [&] { return is_ready(port); }));
  CHECK(http_client{port}.get("/").status == 404);
  CHECK(node.log_tail().find("no page is served: there is no folder http-edge/web") != std::string::npos);
}

TEST_CASE("before there is a cluster, the commands about it say what is missing") {
  scratch_database empty{shared_server()};
  auto unmigrated = failed_cluster_command({"status", "--database", empty.url()});
  CHECK(unmigrated.text.find("run dabba migrate first") != std::string::npos);
  CHECK(unmigrated.text.find("warning") == std::string::npos);
  CHECK(unmigrated.took < 2s);
  fresh_start on;
  for (std::vector<std::string> command : {std::vector<std::string>{"status"}, {"nodes"}, {"drain", "1"}}) {
    command.insert(command.end(), {"--database", on.database.url()});
    auto unused = failed_cluster_command(command);
    CHECK(unused.text == "dabba: no node has been started on this database yet\n");
  }
}

TEST_CASE("the last node that is up drains only when it is forced to") {
  test_node node;
  queries db{node.database()};
  auto id = db.column("select node_id from cluster.node where state = 'up'").at(0);
  auto refused = failed_cluster_command({"drain", id, "--database", node.database()});
  CHECK(refused.text.find("no other node is up") != std::string::npos);
  CHECK(refused.text.find("--force") != std::string::npos);
  auto path = "/v1/admin/cluster/nodes/" + id + "/drain";
  auto admin = node.client("ADMIN", new_uuid());
  auto answer = admin.post(path, nlohmann::json::object());
  CHECK(answer.status == 409);
  CHECK(answer.json().at("code") == "last-node");
  CHECK(node.is_ready());

  run_dabba({"cluster", "drain", id, "--force", "--database", node.database()});
  CHECK(db.number("select count(*) from cluster.node where state = 'draining'") == 1);
  CHECK(run_dabba({"cluster", "drain", id, "--database", node.database()}) ==
        "node " + id + " was draining or has ended already\n");
  // It has nobody to hand over to, and keeps what it has until it is told to end.
  CHECK_FALSE(node.process().wait(2s));
  CHECK_FALSE(node.is_ready());
  node.process().signal(SIGTERM);
  auto ended = node.process().wait(10s);
  REQUIRE(ended);
  CHECK(ended->status == 0);
  CHECK(failed_cluster_command({"drain", id, "--database", node.database()}).text.find("is dead already") !=
        std::string::npos);
}

TEST_CASE("a node with a card gateway starts only with its secrets, and tells nobody what they are") {
  fresh_start on;
  auto ended_with = [&](std::vector<std::string> flags) {
    auto node = on.node(std::move(flags));
    auto ended = node.wait(20s);
    REQUIRE(ended);
    CHECK(ended->status == 1);
    return node.log_tail();
  };
  const std::string url = "http://127.0.0.1:12111", key = (on.folder.path() / "payments-key").string();
  CHECK(ended_with({"--payments-url", url}).find("--payments-key-file") != std::string::npos);
  std::ofstream{key} << "sk_test_of_this_test\n";
  auto log = ended_with({"--payments-url", url, "--payments-key-file", key});
  CHECK(log.find("--payments-webhook-secrets-file") != std::string::npos);
  log = ended_with({"--payments-url", "http://10.0.0.1", "--payments-key-file", key});
  CHECK(log.find("in the clear") != std::string::npos);
  CHECK(log.find("sk_test_of_this_test") == std::string::npos);
}

}  // namespace dabba::system_tests
