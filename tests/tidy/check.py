#!/usr/bin/env python3
"""Checks the source tree for what a compiler does not: includes, sizes, words.

usage: check.py ROOT
Prints one line for each violation and ends with status 1 when there is one. Warnings do not count.

- an include outside the table of docs/architecture.md (ALLOWED and LIBRARIES here), or of a file that is not there
- a cycle of includes
- a .cpp of more than 400 lines; a function of more than 60 is a warning
- `using namespace` in a header (literals excepted)
- `default:` in a switch over an enum of ours
- TODO, FIXME and their like
- names for the people who carry other than "partner"
- a folder that does not say what is inside
"""

import re
import sys
from pathlib import Path

FOLDERS = ["actors", "bench", "cluster-config", "http-edge", "persistence", "protocols", "tests"]
SUFFIXES = {".cpp", ".hpp", ".js", ".sql"}
LINES_PER_FILE = 400
LINES_PER_FUNCTION = 60

# The store ports that the edge asks by itself, without an actor between.
READ_PORTS = ["persistence/store.hpp", "persistence/account_store.hpp", "persistence/order_archive.hpp", "persistence/promotion_store.hpp"]

# For each area, the first that a file's path begins with: what it may include of ours. None: everything.
ALLOWED = [
    ("protocols/model/", ["protocols/model/"]),
    ("protocols/", ["protocols/"]),
    ("cluster-config/", ["cluster-config/", "protocols/model/"]),
    ("actors/domain/", ["actors/domain/", "protocols/model/"]),
    ("actors/", ["actors/", "protocols/", "cluster-config/", "persistence/store.hpp"]),
    ("persistence/", ["persistence/", "protocols/model/"]),
    ("http-edge/main.cpp", None),
    ("http-edge/program/", None),
    ("http-edge/outbound/", ["http-edge/outbound/", "protocols/model/"]),
    ("http-edge/stripe/", ["http-edge/stripe/", "http-edge/outbound/", "protocols/model/", "protocols/payment_gateway.hpp"]),
    ("http-edge/", ["http-edge/", "protocols/", "cluster-config/", *READ_PORTS]),
    ("bench/city/", ["bench/city/", "protocols/model/"]),
    ("bench/sandbox-gateway/", ["bench/sandbox-gateway/"]),
    ("bench/", None),
    ("tests/", None),
]

# Who may use a library, by how its headers begin.
LIBRARIES = {
    "caf/": ["protocols/", "actors/", "http-edge/", "bench/micro/", "tests/"],
    "boost/": ["http-edge/", "bench/", "tests/"],
    "nlohmann/": ["http-edge/", "bench/", "tests/"],
    "libpq": ["persistence/", "bench/", "tests/"],
    "toml": ["cluster-config/", "tests/"],
    "curl/": ["http-edge/outbound/", "tests/"],
    "date/": ["protocols/model/", "tests/"],
}
NO_LIBRARY = {
    "protocols/model/": ["caf/"],
    "actors/domain/": ["caf/"],
    "http-edge/outbound/": ["caf/", "boost/"],
    "http-edge/stripe/": ["caf/", "boost/"],
}

UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
EMPTY_NAMES = {"util", "utils", "common", "helper", "helpers", "misc"}
OTHER_NAMES = {"rider", "riders", "courier", "couriers", "driver", "drivers"}
# The instance files of the MDRP name their columns themselves.
READS_MDRP = re.compile(r"^(tests/)?bench/city/")
# A browser is driven by a WebDriver.
DRIVES_A_BROWSER = re.compile(r"\bWebDriver\b")


def without_comments(text, keep_strings):
    """The text with comments, and unless they are kept strings, blanked out; lines stay where they are."""
    token = re.compile(
        r'R"(?P<d>[^()\\ ]{0,16})\((?:.|\n)*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*(?:.|\n)*?\*/'
    )

    def blank(match):
        found = match.group(0)
        is_comment = found.startswith("/")
        if not is_comment and keep_strings:
            return found
        return "".join("\n" if c == "\n" else " " for c in found)

    # A digit separator is no quote.
    return token.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", " ", text))


def words_of(identifier):
    return [w.lower() for part in identifier.split("_") for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)]


class Tree:
    def __init__(self, root):
        self.root = Path(root)
        self.violations = []
        self.warnings = []
        self.files = {}
        for folder in FOLDERS:
            for path in sorted((self.root / folder).rglob("*")):
                if path.suffix in SUFFIXES and path.is_file():
                    self.files[path.relative_to(self.root).as_posix()] = path.read_text(encoding="utf-8")
        self.code = {name: without_comments(text, keep_strings=False) for name, text in self.files.items()}
        self.enums = set()
        for name, code in self.code.items():
            if name.endswith(".hpp"):
                self.enums.update(re.findall(r"\benum\s+class\s+(\w+)", code))

    def violate(self, name, line, what):
        self.violations.append(f"{name}:{line}: {what}")

    def check(self):
        self.check_includes()
        self.check_cycles()
        for name in self.files:
            self.check_lines(name)
            self.check_words(name)
            if name.endswith((".cpp", ".hpp")):
                self.check_switches(name)
                self.check_functions(name)
        self.check_folders()
        return self.violations

    def includes(self, name):
        for number, line in enumerate(self.files[name].splitlines(), 1):
            found = re.match(r'\s*#\s*include\s*([<"])([^">]+)[">]', line)
            if found:
                yield number, found.group(1) == '"', found.group(2)

    def check_includes(self):
        for name in self.files:
            if not name.endswith((".cpp", ".hpp")):
                continue
            allowed = next(may for area, may in ALLOWED if name.startswith(area))
            for number, is_ours, target in self.includes(name):
                if not is_ours:
                    self.check_library(name, number, target)
                elif not (self.root / target).is_file():
                    self.violate(name, number, f'"{target}" is not there, seen from the root')
                elif allowed is not None and not target.startswith(tuple(allowed)):
                    self.violate(name, number, f'may not include "{target}"')

    def check_library(self, name, number, target):
        for area, libraries in NO_LIBRARY.items():
            if name.startswith(area) and target.startswith(tuple(libraries)):
                self.violate(name, number, f"may not use <{target}>")
                return
        for library, users in LIBRARIES.items():
            if target.startswith(library) and not name.startswith(tuple(users)):
                self.violate(name, number, f"may not use <{target}>")

    def check_cycles(self):
        done, path = set(), []

        def visit(name):
            if name in path:
                cycle = path[path.index(name):] + [name]
                self.violate(name, 1, "a cycle of includes: " + " -> ".join(cycle))
                return
            if name in done or name not in self.files:
                return
            path.append(name)
            for _, is_ours, target in self.includes(name):
                if is_ours:
                    visit(target)
            path.pop()
            done.add(name)

        for name in self.files:
            visit(name)

    def check_lines(self, name):
        lines = self.files[name].splitlines()
        if name.endswith(".cpp") and len(lines) > LINES_PER_FILE:
            self.violate(name, LINES_PER_FILE, f"{len(lines)} lines: something in it wants a file of its own")
        for number, line in enumerate(lines, 1):
            if UNFINISHED.search(line):
                self.violate(name, number, "something unfinished")
        if name.endswith(".hpp"):
            for number, line in enumerate(self.code[name].splitlines(), 1):
                if re.search(r"\busing\s+namespace\s+(?![\w:]*literals\s*;)", line):
                    self.violate(name, number, "`using namespace` in a header")

    def check_words(self, name):
        reads_mdrp = READS_MDRP.match(name)
        others = OTHER_NAMES - {"driver", "drivers"} if DRIVES_A_BROWSER.search(self.files[name]) else OTHER_NAMES
        text = without_comments(self.files[name], keep_strings=not reads_mdrp)
        if name.endswith(".sql"):
            text = re.sub(r"--[^\n]*", "", text)
        for number, line in enumerate(text.splitlines(), 1):
            if reads_mdrp and re.search(r"mdrp|instance", name + line):
                continue
            for identifier in re.findall(r"[A-Za-z_]\w*", line):
                if others.intersection(words_of(identifier)):
                    self.violate(name, number, f"'{identifier}': the people who carry are partners")

    def check_folders(self):
        folders = {parent for name in self.files for parent in Path(name).parents}
        for folder in sorted(folders):
            if folder.name in EMPTY_NAMES:
                self.violate(folder.as_posix(), 1, "a folder's name says what is inside")

    @staticmethod
    def block_end(code, opening):
        depth = 0
        for i in range(opening, len(code)):
            depth += {"{": 1, "}": -1}.get(code[i], 0)
            if depth == 0:
                return i
        return len(code)

    def check_switches(self, name):
        code = self.code[name]
        for found in re.finditer(r"\bswitch\s*\(", code):
            opening = code.find("{", found.end())
            if opening < 0:
                continue
            body = code[opening:self.block_end(code, opening)]
            labels = re.findall(r"\bcase\s+(?:\w+::)*?(\w+)::\w+\s*:", body)
            foreign = re.search(r"\bcase\s+(?!dabba::)\w+::\w+::\w+\s*:", body)
            if self.enums.intersection(labels) and not foreign and re.search(r"\bdefault\s*:", body):
                self.violate(name, code.count("\n", 0, found.start()) + 1, "`default:` in a switch over an enum of ours")

    def check_functions(self, name):
        code = self.code[name]
        at = 0
        while True:
            opening = code.find("{", at)
            if opening < 0:
                return
            at = opening + 1
            head = re.split(r"[;{}]", code[:opening])[-1]
            is_function = ")" in head and "=" not in head.split("(")[0]
            is_function = is_function and not re.search(r"\b(namespace|class|struct|enum|union)\b[^()]*$", head)
            if not is_function:
                continue
            end = self.block_end(code, opening)
            length = code.count("\n", opening, end) + 1
            if length > LINES_PER_FUNCTION:
                line = code.count("\n", 0, opening) + 1
                self.warnings.append(f"{name}:{line}: a function of {length} lines")
            at = end


def main():
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_dir():
        sys.exit(__doc__)
    tree = Tree(sys.argv[1])
    tree.check()
    for warning in tree.warnings:
        print("warning:", warning)
    for violation in tree.violations:
        print(violation)
    print(f"{len(tree.files)} files, {len(tree.violations)} violations")
    sys.exit(1 if tree.violations or not tree.files else 0)


if __name__ == "__main__":
    main()
