#!/usr/bin/env python3
"""Plants violations in a tree of their own and expects each to be found; a clean tree to pass."""

import tempfile
import unittest
from pathlib import Path

from check import Tree

CLEAN = {
    "protocols/model/ids.hpp": "#pragma once\nenum class errc { none };\nenum class order_status { a, b };\n",
    "protocols/messages.hpp": '#pragma once\n#include <caf/type_id.hpp>\n#include "protocols/model/ids.hpp"\n',
    "actors/domain/rules.hpp": '#pragma once\n#include <vector>\n#include "protocols/model/ids.hpp"\n',
    "actors/order.cpp": '#include "actors/domain/rules.hpp"\n#include "persistence/store.hpp"\n#include "protocols/messages.hpp"\n',
    "persistence/store.hpp": '#pragma once\n#include "protocols/model/ids.hpp"\n',
    "persistence/postgres/store.cpp": '#include <libpq-fe.h>\n#include "persistence/store.hpp"\n',
    "http-edge/main.cpp": '#include "persistence/store.hpp"\n#include "actors/domain/rules.hpp"\n',
    "http-edge/json.cpp": '#include <nlohmann/json.hpp>\n#include "protocols/messages.hpp"\n',
    "bench/city/instance.cpp": 'auto file = "couriers.txt";  // the couriers of the MDRP\n',
    "tests/any_test.cpp": '#include "http-edge/json.hpp"\n',
    "http-edge/json.hpp": "#pragma once\nusing namespace std::chrono_literals;\n",
}


class Planted(unittest.TestCase):
    def found(self, planted):
        with tempfile.TemporaryDirectory() as root:
            for name, text in {**CLEAN, **planted}.items():
                path = Path(root) / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            tree = Tree(root)
            tree.check()
            return tree

    def expect(self, planted, what):
        violations = self.found(planted).violations
        self.assertEqual(len(violations), 1, violations)
        self.assertIn(what, violations[0])
        self.assertTrue(violations[0].startswith(next(iter(planted))), violations)

    def test_a_clean_tree_passes(self):
        self.assertEqual(self.found({}).violations, [])

    def test_includes_outside_the_table(self):
        for name, target in [
            ("protocols/model/a.hpp", "protocols/messages.hpp"),
            ("protocols/a.hpp", "actors/domain/rules.hpp"),
            ("cluster-config/a.cpp", "protocols/messages.hpp"),
            ("actors/domain/a.cpp", "protocols/messages.hpp"),
            ("actors/domain/a.cpp", "persistence/store.hpp"),
            ("actors/a.cpp", "http-edge/json.hpp"),
            ("persistence/a.cpp", "protocols/messages.hpp"),
            ("http-edge/a.cpp", "actors/domain/rules.hpp"),
            ("bench/city/a.cpp", "persistence/store.hpp"),
            ("bench/sandbox-gateway/a.cpp", "protocols/model/ids.hpp"),
            ("http-edge/outbound/a.cpp", "http-edge/json.hpp"),
            ("http-edge/stripe/a.cpp", "protocols/messages.hpp"),
        ]:
            with self.subTest(name=name, target=target):
                self.expect({name: f'#include "{target}"\n'}, f'may not include "{target}"')

    def test_only_the_ports_of_the_store_are_open_to_actors_and_edge(self):
        for name in ["actors/a.cpp", "http-edge/a.cpp"]:
            planted = {name: '#include "persistence/postgres/x.hpp"\n', "persistence/postgres/x.hpp": "#pragma once\n"}
            self.expect(planted, "may not include")

    def test_includes_of_nothing_and_beside_the_root(self):
        self.expect({"actors/a.cpp": '#include "order.hpp"\n'}, "is not there")

    def test_libraries_where_they_do_not_belong(self):
        for name, header in [
            ("protocols/model/a.hpp", "caf/error.hpp"),
            ("actors/domain/a.cpp", "caf/error.hpp"),
            ("persistence/a.cpp", "caf/error.hpp"),
            ("actors/a.cpp", "nlohmann/json.hpp"),
            ("protocols/a.cpp", "boost/beast.hpp"),
            ("http-edge/a.cpp", "libpq-fe.h"),
            ("http-edge/a.cpp", "curl/curl.h"),
            ("actors/a.cpp", "curl/curl.h"),
            ("http-edge/stripe/a.cpp", "caf/error.hpp"),
        ]:
            with self.subTest(name=name, header=header):
                self.expect({name: f"#include <{header}>\n"}, f"may not use <{header}>")

    def test_a_cycle(self):
        planted = {
            "actors/a.hpp": '#pragma once\n#include "actors/b.hpp"\n',
            "actors/b.hpp": '#pragma once\n#include "actors/c.hpp"\n',
            "actors/c.hpp": '#pragma once\n#include "actors/a.hpp"\n',
        }
        self.expect(planted, "a cycle of includes")

    def test_a_long_file_but_not_a_long_header(self):
        self.expect({"actors/a.cpp": "//\n" * 401}, "401 lines")
        self.assertEqual(self.found({"actors/a.hpp": "//\n" * 401}).violations, [])
        self.assertEqual(self.found({"actors/a.cpp": "//\n" * 400}).violations, [])

    def test_a_long_function_is_a_warning(self):
        tree = self.found({"actors/a.cpp": "namespace dabba {\nint f(int x) {\n" + "  ++x;\n" * 70 + "}\n}\n"})
        self.assertEqual(tree.violations, [])
        self.assertEqual(len(tree.warnings), 1)
        self.assertIn("72 lines", tree.warnings[0])

    def test_using_namespace_in_a_header(self):
        self.expect({"actors/a.hpp": "using namespace std;\n"}, "using namespace")
        self.assertEqual(self.found({"actors/a.cpp": "using namespace std;\n"}).violations, [])
        self.assertEqual(self.found({"actors/a.hpp": "// using namespace std;\n"}).violations, [])

    def test_default_over_an_enum_of_ours_only(self):
        ours = "int f(order_status s) { switch (s) { case order_status::a: return 1; default: return 2; } }\n"
        self.expect({"actors/a.cpp": ours}, "`default:`")
        self.assertEqual(self.found({"actors/a.cpp": ours.replace("order_status", "caf::sec")}).violations, [])
        number = "int f(int s) { switch (s) { case 1: return 1; default: return 2; } }\n"
        self.assertEqual(self.found({"actors/a.cpp": number}).violations, [])

    def test_unfinished_work(self):
        for word in ["TO" + "DO", "FIX" + "ME", "X" + "XX"]:
            self.expect({"http-edge/web/js/a.js": f"// {word}: later\n"}, "unfinished")

    def test_other_names_for_partners(self):
        for name, text in [
            ("actors/a.cpp", "int rider = 1;\n"),
            ("actors/a.cpp", "struct courier_state {};\n"),
            ("http-edge/a.cpp", 'auto field = "driverId";\n'),
            ("http-edge/web/js/a.js", "const nearestRiders = [];\n"),
            ("persistence/migrations/1.sql", "create table driver (id int);\n"),
            ("bench/city/world.cpp", "int courier = 1;\n"),
        ]:
            with self.subTest(text=text):
                self.expect({name: text}, "partners")
        for name, text in [
            ("actors/a.cpp", "// what the MDRP calls a courier\n"),
            ("tests/browser.cpp", "int driver = 1;  // speaks WebDriver\n"),
            ("actors/a.cpp", "int override_rate = provider + strider;\n"),
            ("bench/city/instance.cpp", "int couriers = 1;\n"),
        ]:
            with self.subTest(text=text):
                self.assertEqual(self.found({name: text}).violations, [])

    def test_a_folder_that_says_nothing(self):
        violations = self.found({"actors/utils/a.hpp": "#pragma once\n"}).violations
        self.assertEqual(violations, ["actors/utils:1: a folder's name says what is inside"])


if __name__ == "__main__":
    unittest.main()
