#!/usr/bin/env python3
"""Makes one OpenAPI 3.1 document of the files of this folder.

usage: bundle.py OUT.json OUT.cpp FILE.yaml...
OUT.json is for programs that read the description, OUT.cpp has it for the node. Ends with status 1, and says why, when
a name comes twice or something is missing.

An operation has `operationId`, `summary`, `description` and `requestBody` as in OpenAPI, and these short forms:

- `roles`: `anybody`, `signed-in` or a list of roles: who may call it (x-roles, security, 401, 403)
- `open-city: true`: on a node with an open city everybody may (x-open-city)
- `parameters`: names of components, or parameters. Those of the path come by themselves. `If-Match` brings 412,
  `If-None-Match` 304
- `key`: `accepted` or `required`, an Idempotency-Key whose answer is kept; `taken`, one that nothing is kept for
- `confirmed: true`: only while the caller's account is active and has that role (x-confirmed)
- `pace`: `none`, `bulk` or `sign-in`, unless it is counted with all other requests
- `body`: the name of the schema, or `{schema: NAME, optional: true}`
- `answers`: by status `description`, and where they have them `schema` (a name), `headers` (names), `content`
- `problems`: the codes it may be refused with (problems.yaml), besides those that every request may be

Where a body or an answer has no example of its own it gets its schema's.
"""

import hashlib
import json
import re
import sys
from pathlib import Path

import yaml

EVERYBODY = ["CUSTOMER", "RESTAURANT", "PARTNER", "SUPPORT", "ADMIN"]
REQUEST_ID = "01932b5e-7a10-7c44-9d3e-5b1f0c2a9e0f"
EVERY_REQUEST = ["malformed-request", "invalid-argument", "header-too-large", "internal", "overloaded"]
EVERY_CALL = ["unavailable", "deadline-exceeded", "moved"]
EVERY_BODY = ["malformed-json", "body-too-large", "unsupported-media-type"]


class Loader(yaml.SafeLoader):
    """YAML as version 1.2 has it, more or less: times stay text, only `true` and `false` are booleans."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"'{key}' comes twice", node.start_mark)
        return super().construct_mapping(node, deep)


Loader.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))


def reference(kind, name):
    return {"$ref": f"#/components/{kind}/{name}"}


def merge(into, more, where):
    for key, value in more.items():
        if where in ([], ["components"]) and isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value, where + [key])
        elif key in into:
            raise SystemExit(f"{'/'.join(where + [key])} is there already")
        else:
            into[key] = value


class Bundle:
    def __init__(self, parts):
        self.problems = {}
        self.document = {}
        for part in parts:
            if "codes" in part:
                self.problems = part
            else:
                merge(self.document, part, [])
        self.components = self.document["components"]
        self.components["responses"] = {}
        self.components["examples"] = {}

    def make(self):
        self.document["security"] = [{"bearer": []}]
        self.components["schemas"]["Problem"]["description"] = self.table_of_problems()
        for path, operations in self.document["paths"].items():
            for method, operation in operations.items():
                try:
                    operations[method] = self.operation(path, method, operation)
                except KeyError as missing:
                    raise SystemExit(f"{method.upper()} {path}: {missing} is missing")
        # Where to look for it first: the summary of what there is before the details.
        first = ["openapi", "info", "servers", "security", "tags", "paths", "components"]
        return {key: self.document[key] for key in first}

    def example_of(self, code):
        says = self.problems["codes"][code]
        status = says["status"]
        made = {"type": f"/problems/{code}", "title": self.problems["titles"][status], "status": status}
        made |= {"detail": says["detail"], "instance": "/v1/orders/checkout", "code": code, "requestId": REQUEST_ID}
        return made | ({"errors": says["errors"]} if "errors" in says else {})

    def table_of_problems(self):
        rows = [f"| {says['status']} | `{code}` | {says['detail']} |" for code, says in self.problems["codes"].items()]
        return "\n".join(["The codes:", "", "| status | code | for example |", "|---|---|---|", *rows, ""])

    def operation(self, path, method, given):
        made = {"operationId": given["operationId"], "tags": [given["tag"]], "summary": given["summary"]}
        roles = given["roles"]
        if isinstance(roles, str):
            roles = {"anybody": [], "signed-in": EVERYBODY}[roles]
        made["description"] = (given.get("description", "").rstrip() + "\n\n" + self.says_roles(given, roles)).strip()
        made["x-roles"] = roles
        if given.get("open-city"):
            made["x-open-city"] = True
        if given.get("confirmed"):
            made["x-confirmed"] = True
        if not roles or given.get("open-city"):
            made["security"] = [{}, {"bearer": []}] if roles else []
        parameters = self.parameters(path, given)
        if parameters:
            made["parameters"] = parameters
        if "body" in given:
            body = given["body"] if isinstance(given["body"], dict) else {"schema": given["body"]}
            made["requestBody"] = {"content": {"application/json": self.content(body["schema"])}}
            made["requestBody"]["required"] = not body.get("optional", False)
        made["responses"] = self.responses(method, given, roles)
        return made

    @staticmethod
    def says_roles(given, roles):
        if not roles:
            return "No token is wanted."
        who = "everybody who is signed in" if roles == EVERYBODY else ", ".join(roles)
        says = f"For {who}" + (", and for everybody on a node with an open city." if given.get("open-city") else ".")
        return says + (" Only while the account is active and still has that role." if given.get("confirmed") else "")

    def parameters(self, path, given):
        found = [reference("parameters", name) for name in re.findall(r"{(\w+)}", path)]
        for each in given.get("parameters", []):
            found.append(reference("parameters", each) if isinstance(each, str) else each)
        if "key" in given:
            is_required = given["key"] == "required"
            found.append(reference("parameters", "Needed-Idempotency-Key" if is_required else "Idempotency-Key"))
        return found

    def content(self, schema):
        names = []
        for i, value in enumerate(self.components["schemas"][schema]["examples"], 1):
            names.append(schema if i == 1 else f"{schema}-{i}")
            self.components["examples"][names[-1]] = {"value": value}
        examples = {name: reference("examples", name) for name in names}
        return {"schema": reference("schemas", schema), "examples": examples}

    def responses(self, method, given, roles):
        headers = ["X-Request-Id"]
        if given.get("pace") != "none":
            headers += ["RateLimit-Policy", "RateLimit"]
        keeps = given.get("key") in ("accepted", "required")
        made = {}
        for status, answer in given["answers"].items():
            more = answer.get("headers", []) + (["Idempotent-Replayed"] if keeps else [])
            one = {"description": answer["description"]}
            one["headers"] = {name: reference("headers", name) for name in headers + more}
            content = ({"application/json": self.content(answer["schema"])} if "schema" in answer else {})
            content |= answer.get("content", {})
            made[str(status)] = one | ({"content": content} if content else {})
            if status == 200 and "If-None-Match" in given.get("parameters", []):
                kept = {name: reference("headers", name) for name in headers + answer.get("headers", [])}
                made["304"] = {"description": "The caller has it already.", "headers": kept}
        by_status = {}
        for code in self.codes(method, given, roles):
            by_status.setdefault(self.problems["codes"][code]["status"], set()).add(code)
        for status, codes in sorted(by_status.items()):
            made[str(status)] = self.refusal(status, codes, given.get("pace") != "none")
        return made

    def codes(self, method, given, roles):
        codes = EVERY_REQUEST + given.get("problems", [])
        if roles:
            codes += ["unauthenticated"] + EVERY_CALL
        elif method != "get":
            codes += EVERY_CALL
        if roles and roles != EVERYBODY:
            codes.append("forbidden")
        if given.get("pace") != "none":
            codes.append("rate-limited")
        if method != "get":
            codes.append("outcome-unknown")
        if "body" in given:
            codes += EVERY_BODY
        if given.get("key") in ("accepted", "required"):
            codes.append("idempotency-key-reused")
        if given.get("key") == "required":
            codes.append("idempotency-key-missing")
        if "If-Match" in given.get("parameters", []):
            codes.append("stale-version")
        return codes

    def refusal(self, status, codes, is_counted):
        """One component for all operations that are refused with the same codes."""
        codes = [code for code in self.problems["codes"] if code in codes]
        name = ".".join([str(status), *codes, *([] if is_counted else ["uncounted"])])
        if name not in self.components["responses"]:
            headers = ["X-Request-Id"] + (["RateLimit-Policy", "RateLimit"] if is_counted else [])
            headers += ["WWW-Authenticate"] if status == 401 else []
            headers += ["Retry-After"] if status in (429, 503) else []
            says = {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}}
            for code in codes:
                self.components["examples"][code] = {"summary": code, "value": self.example_of(code)}
            self.components["responses"][name] = {
                "description": f"{self.problems['titles'][status]}: {', '.join(codes)}.",
                "headers": {each: reference("headers", each) for each in headers},
                "content": {
                    "application/problem+json": {
                        "schema": {"allOf": [reference("schemas", "Problem"), says]},
                        "examples": {code: reference("examples", code) for code in codes},
                    }
                },
            }
        return reference("responses", name)


def read(path):
    part = yaml.load(path.read_text(encoding="utf-8"), Loader)
    for operations in part.get("paths", {}).values():
        for operation in operations.values():
            operation.setdefault("tag", path.stem)
    return part


def as_cpp(text):
    etag = hashlib.sha256(text.encode()).hexdigest()[:32]
    return f"""#include "http-edge/openapi/description.hpp"

namespace dabba::http {{

std::string_view description() noexcept {{ return R"__json__({text})__json__"; }}
std::string_view description_etag() noexcept {{ return R"("{etag}")"; }}

}}  // namespace dabba::http
"""


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    as_json, as_source, *files = map(Path, sys.argv[1:])
    try:
        document = Bundle([read(path) for path in files]).make()
    except yaml.YAMLError as error:
        sys.exit(str(error))
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")) + "\n"
    as_json.write_text(text, encoding="utf-8")
    as_source.write_text(as_cpp(text), encoding="utf-8")


if __name__ == "__main__":
    main()
