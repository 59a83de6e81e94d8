# Stripe's own client beside the sandbox gateway, and its signatures before our verifier.
add_executable(dabba-webhook-check webhook_check.cpp)
target_link_libraries(dabba-webhook-check PRIVATE dabba_stripe)
foreach(file sandbox.mjs stripe.test.mjs stripe_webhooks.test.mjs)
  configure_file(${file} ${file} COPYONLY)
endforeach()

function(payment_check name file)
  add_test(NAME "external: ${name}" COMMAND ${NODE_PROGRAM} --test ${file})
  set_tests_properties("external: ${name}" PROPERTIES
    FIXTURES_REQUIRED npm_packages LABELS external TIMEOUT 120
    ENVIRONMENT "DABBA_SANDBOX_PROGRAM=$<TARGET_FILE:dabba-sandbox-gateway>;DABBA_WEBHOOK_CHECK=$<TARGET_FILE:dabba-webhook-check>")
endfunction()

payment_check("Stripe's client pays, captures, lists and refunds at the sandbox gateway" stripe.test.mjs)
payment_check("Stripe's client takes the sandbox's webhooks, and signs what our verifier takes" stripe_webhooks.test.mjs)
