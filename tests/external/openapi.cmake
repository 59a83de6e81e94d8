# The description of the API before programs that read descriptions, and a client made of it before a node.
foreach(file redocly.yaml prism.mjs openapi.test.mjs docs.test.mjs client/order.ts client/tsconfig.json)
  configure_file(${file} ${file} COPYONLY)
endforeach()
set(openapi_json $<TARGET_PROPERTY:dabba_description,BINARY_DIR>/openapi.json)

add_test(NAME "external: redocly finds nothing to say of the description"
  COMMAND node_modules/.bin/redocly lint ${openapi_json} --config redocly.yaml)
set_tests_properties("external: redocly finds nothing to say of the description" PROPERTIES
  FIXTURES_REQUIRED npm_packages LABELS external TIMEOUT 120
  ENVIRONMENT "REDOCLY_TELEMETRY=off;REDOCLY_SUPPRESS_UPDATE_NOTICE=true")

external_check("a client made of the description lives through an order, and prism finds no violation" openapi.test.mjs)
set_property(TEST "external: a client made of the description lives through an order, and prism finds no violation"
  APPEND PROPERTY ENVIRONMENT "DABBA_OPENAPI=${openapi_json};DABBA_GUIDE=${PROJECT_SOURCE_DIR}/docs/api.md")

find_program(CHROMIUM_PROGRAM chromium)
set(swagger_ui ${DABBA_DEPS}/swagger-ui)
if(CHROMIUM_PROGRAM AND EXISTS ${swagger_ui}/version)
  external_check("a browser shows every request at /docs" docs.test.mjs)
  set_property(TEST "external: a browser shows every request at /docs" APPEND PROPERTY ENVIRONMENT
    "DABBA_CHROMIUM=${CHROMIUM_PROGRAM};DABBA_SWAGGER_UI=${swagger_ui};DABBA_WEB_ROOT=${PROJECT_SOURCE_DIR}/http-edge/web")
else()
  message(STATUS "The page at /docs is not checked: that needs chromium and Swagger UI in ${swagger_ui}")
endif()
