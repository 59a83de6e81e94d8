/// dabba-sandbox-gateway: a card gateway for tests and simulations, which speaks Stripe's protocol. See --help.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "bench/sandbox-gateway/endpoints.hpp"
#include "bench/sandbox-gateway/limits.hpp"
#include "bench/sandbox-gateway/log.hpp"
#include "bench/sandbox-gateway/server.hpp"

namespace dabba::sandbox {

namespace {

namespace asio = boost::asio;

constexpr int exit_good = 0;
constexpr int exit_bad = 1;
constexpr int exit_usage = 2;
constexpr auto settle_interval = std::chrono::milliseconds{50};

struct arguments {
  std::string listen = "127.0.0.1:12111";
  api_keys keys;
  std::vector<std::string> webhooks;
  std::vector<std::string> webhook_secrets;
  std::optional<std::filesystem::path> state;
  std::int64_t settle_ms = 1000;
  std::optional<std::uint64_t> seed;
  bool quiet = false;
  faults how;
};

std::string test_key(const std::string& prefix, const std::string& key) {
  return key.starts_with(prefix) ? std::string{} : "a sandbox's key begins with " + prefix;
}

void declare_faults(CLI::App& app, arguments& a) {
  for (const auto& each : fault_table()) {
    app.add_option_function<std::string>(
           "--" + std::string{each.name},
           [&a, &each](const std::string& value) {
             try {
               each.set(a.how, value);
             } catch (const std::runtime_error& why) {
               throw CLI::ValidationError{"--" + std::string{each.name}, why.what()};
             }
           },
           std::string{each.help})
        ->group("Faults, also at run time: POST /_sandbox/faults with the same names, and _ for -");
  }
}

void declare(CLI::App& app, arguments& a) {
  app.description(
      "A card gateway that speaks Stripe's protocol: payment intents, refunds, events and signed webhooks, for tests "
      "and simulations. Takes test payment methods such as pm_card_visa, and no card ever.");
  app.add_option("--listen", a.listen, "ADDRESS:PORT; port 0 for any that is free (127.0.0.1:12111)");
  app.add_option("--secret-key", a.keys.secret, "what servers call with (sk_test_sandbox)")
      ->envname("SANDBOX_SECRET_KEY")
      ->check([](const std::string& key) { return test_key("sk_test_", key); });
  app.add_option("--publishable-key", a.keys.publishable, "what customers' apps call with (pk_test_sandbox)")
      ->envname("SANDBOX_PUBLISHABLE_KEY")
      ->check([](const std::string& key) { return test_key("pk_test_", key); });
  app.add_option("--webhook", a.webhooks, "send every event there, an http:// URL; several times for several");
  app.add_option(
         "--webhook-secret", a.webhook_secrets,
         "what these are signed with; several times while secrets are replaced (a new one, which the log names)")
      ->envname("SANDBOX_WEBHOOK_SECRET");
  app.add_option("--state", a.state, "a file that what happens is kept in, and read from at the start");
  app.add_option("--settle-ms", a.settle_ms, "until what is processing or pending becomes what it becomes (1000)")
      ->check(CLI::Range(std::int64_t{0}, limits::fault_millis));
  app.add_option("--seed", a.seed, "of the faults that happen by chance");
  app.add_flag("--quiet", a.quiet, "no line for each request");
  declare_faults(app, a);
}

std::pair<std::string, std::uint16_t> listen_address(const std::string& text) {
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::string{} : text.substr(colon + 1);
  const bool is_number = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number || std::stoul(port) > 65535)
    throw CLI::ValidationError{"--listen", "'" + text + "' is not ADDRESS:PORT"};
  return {text.substr(0, colon), static_cast<std::uint16_t>(std::stoul(port))};
}

void prepare_webhooks(books& kept, const arguments& a) {
  for (const auto& url : a.webhooks) {
    if (!parse_webhook_url(url)) throw CLI::ValidationError{"--webhook", "'" + url + "' is no http:// URL"};
    const auto& made = ensure_endpoint(kept, url, a.webhook_secrets);
    log_line("webhooks go to {}", url);
    if (a.webhook_secrets.empty()) log_line("they are signed with {}", made.secrets.back().text);
  }
  kept.commit();
}

asio::awaitable<void> settle_now_and_then(api& stripe, webhook_sender& webhooks) {
  asio::steady_timer timer{co_await asio::this_coro::executor};
  while (true) {
    timer.expires_after(settle_interval);
    co_await timer.async_wait(asio::use_awaitable);
    stripe.settle_due();
    webhooks.send_new();
  }
}

int run(arguments& a) {
  const auto [address, port] = listen_address(a.listen);
  books kept{a.state};
  prepare_webhooks(kept, a);
  dice chance{a.seed.value_or(std::random_device{}())};
  payment_settings settings{std::chrono::milliseconds{a.settle_ms}, {}};
  api stripe{kept, settings, a.keys};
  asio::io_context io{1};  // after what requests hold on to until they are destroyed with it
  webhook_sender webhooks{io.get_executor(), kept, a.how, chance};
  control own{stripe, kept, webhooks, a.how};
  server front{io, {stripe, own, webhooks, a.how, chance, !a.quiet}};
  const auto bound = front.listen(address, port);
  settings.base_url = fmt::format("http://{}:{}", address, bound);
  log_line("serving on {}, with {} payments in the books", settings.base_url, kept.intents().size());
  webhooks.send_all_undelivered();
  asio::co_spawn(io, settle_now_and_then(stripe, webhooks), [](std::exception_ptr why) {
    if (why) std::rethrow_exception(why);
  });
  asio::signal_set ending{io, SIGINT, SIGTERM};
  ending.async_wait([&](const boost::system::error_code&, int) {
    log_line("stopping");
    front.stop();
    webhooks.stop();
    io.stop();
  });
  io.run();
  return exit_good;
}

}  // namespace

}  // namespace dabba::sandbox

int main(int argc, char** argv) {
  using namespace dabba::sandbox;
  CLI::App app;
  arguments a;
  declare(app, a);
  try {
    app.parse(argc, argv);
    return run(a);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? exit_good : exit_usage;
  } catch (const std::exception& e) {
    fmt::print(stderr, "dabba-sandbox-gateway: {}\n", e.what());
    return exit_bad;
  }
}
