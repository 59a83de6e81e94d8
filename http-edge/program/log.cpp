#include "http-edge/program/log.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <nlohmann/json.hpp>

namespace dabba {
namespace {

/// The message as a JSON string, whatever is in it.
class quoted_message final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& what, const std::tm&, spdlog::memory_buf_t& into) override {
    auto quoted = nlohmann::json(std::string_view{what.payload.data(), what.payload.size()})
                      .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    into.append(quoted.data(), quoted.data() + quoted.size());
  }
  [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<quoted_message>();
  }
};

}  // namespace

void log_to_stderr(const std::string& level) {
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<quoted_message>('*').set_pattern(R"({"at":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%*})");
  auto logger = spdlog::stderr_logger_mt("dabba");
  logger->set_formatter(std::move(formatter));
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::info);
  spdlog::set_default_logger(std::move(logger));
}

}  // namespace dabba
