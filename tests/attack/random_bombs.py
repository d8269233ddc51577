"""Small inputs at random that are made to take long: large values, functions of them, loops around them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli_running import TOPOLOGY

from hcl.random_expressions import CALLS

if TYPE_CHECKING:
    import random
    from pathlib import Path

PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["111122223333"]\n}\n'
POLICY_OF = ("registry:111122223333/eu-west-1", "repository:111122223333/eu-west-1/quay/a", "trust:222233334444/eks-x", "identity:222233334444/eks-x", "key:111122223333/eu-west-1/k", "secret:111122223333/eu-west-1/ecr-pullthroughcache/docker-hub")  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bomb:
    """Files by their names, and the command that is to read them."""

    files: dict[str, str]
    arguments: tuple[str, ...]

    @property
    def size(self) -> int:
        return sum(map(len, self.files.values()))

    def write(self, folder: Path) -> None:
        for name, text in self.files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8", errors="replace")


class RandomBombs:
    """Bombs from one source of chance."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def bomb(self) -> Bomb:
        sorts = (self._code, self._code, self._code, self._policy, self._topology, self._document)
        return self._chance.choice(sorts)()

    def _number(self) -> str:
        return self._chance.choice(
            ("0", "1", "-1", "3", "16", "100", "1000", "65536", "1000000000")
        )

    def _some(self) -> int:
        return self._chance.choice((3, 30, 300, 1000))

    def _list(self, depth: int) -> str:
        some = self._some()
        return self._chance.choice((
            f"range({some})", f'[for x in range({some}) : "k${{x}}"]', f"[for x in range({some}) : {self._value(depth - 1)}]",
            f"setproduct(range({self._chance.choice((3, 30))}), range(30))", "local.lists", f"split(\"\", {self._text(depth - 1)})",
            f"chunklist(range({some}), 1)", "values(local.map)", "local.texts[*]", f"toset([for x in range({some}) : tostring(x % 7)])",
        ))  # fmt: skip

    def _text(self, depth: int) -> str:
        some = self._some()
        if depth < 0:
            return self._chance.choice(('"a"', "local.text", '"aab"', '"é"'))
        return self._chance.choice((
            f'join("{self._chance.choice(("", ",", "a"))}", [for x in range({some}) : "{self._chance.choice(("a", "aab", "k: v", "é"))}"])', "local.text",
            f'format("%0{self._chance.choice((9, 999, 99999))}d", 1)', f"jsonencode({self._list(depth - 1)})", f'replace({self._text(depth - 1)}, "a", "aaaa")',
            f'"%{{ for x in {self._list(depth - 1)} }}${{jsonencode(x)}}%{{ endfor }}"', f"base64encode({self._text(depth - 1)})", f"yamlencode({self._list(depth - 1)})",
            f'replace({self._text(depth - 1)}, "/{self._pattern()}/", "$0$0$0")',
        ))  # fmt: skip

    def _pattern(self) -> str:
        parts = ("a", "b", "(a|b)", "(a|aa)", "a*", "(a*)*", "(a?){20}", "[^b]", ".", "a{1,40}", "(a+b?)+", "\\\\w", "(?i)a", "^", "$", "(x|y|z){0,9}")  # fmt: skip
        return "".join(
            self._chance.choice(parts) for _ in range(self._chance.choice((1, 3, 12, 40)))
        )

    def _map(self, depth: int) -> str:
        some = self._some()
        return self._chance.choice((
            f'{{for x in range({some}) : "k${{x}}" => {self._value(depth - 1)}}}', "local.map", "merge([for x in range(100) : local.map]...)",
            f'zipmap([for x in range({some}) : "k${{x}}"], range({some}))', f"transpose({{for x in range({some}) : \"k${{x}}\" => [\"a\", \"b${{x}}\"]}})",
        ))  # fmt: skip

    def _value(self, depth: int) -> str:
        if depth <= 0:
            return self._chance.choice(
                ("1", '"a"', "x", "local.text", "local.map", "local.lists", "[x]")
            )
        return self._chance.choice((self._list, self._text, self._map, self._call, self._loop))(
            depth
        )

    def _loop(self, depth: int) -> str:
        some = self._some()
        inner = self._value(depth - 1)
        return self._chance.choice((
            f"[for x in range({some}) : {inner}]", f"[for x in range({some}) : length(jsonencode({inner}))]", f"{{for x in range({some}) : x => {inner}...}}",
            f"[for x in {self._list(depth - 1)} : x if can({inner})]", f"flatten([for x in range({some}) : [{inner}, {inner}]])", f"try({inner}, {self._value(depth - 1)})",
            f"{inner} == {inner} ? {inner} : {self._value(depth - 1)}", f"[for x in range({some}) : {inner}][{self._number()}]",
        ))  # fmt: skip

    def _call(self, depth: int) -> str:
        name, kinds = self._chance.choice(CALLS).split()
        return f"{name}({', '.join(self._argument(kind, depth - 1) for kind in kinds)})"

    def _argument(self, kind: str, depth: int) -> str:
        match kind:
            case "n":
                return self._number()
            case "l" | "L" | "T" | "N":
                return self._list(depth)
            case "m" | "M":
                return self._map(depth)
            case "p" | "P":
                slash = "/" if kind == "P" else ""
                return f'"{slash}{self._pattern()}{slash}"'
            case "f":
                return self._chance.choice(
                    ('"%s%s"', '"%99999s"', '"%-99999d"', '"%.9999f"', '"%q%q%q"')
                )
            case "w":
                return self._chance.choice(('"10.0.0.0/8"', '"2001:db8::/8"'))
            case "y":
                return self._chance.choice((f"yamlencode({self._list(depth)})", 'join("\\n", [for i in range(1000) : "k${i}: &a${i} [1]"])', 'join("", [for i in range(900) : "[" ])'))  # fmt: skip
            case "c":
                return f'join("\\n", [for i in range({self._some()}) : "a,b,c"])'
            case "v":
                return self._value(depth)
            case _:
                return self._text(depth)

    def _code(self) -> Bomb:
        depth = self._chance.randint(1, 4)
        levels = self._chance.choice((2, 8, 20, 60))
        doubled = "".join(
            f"  d{n} = {self._chance.choice(('[$, $]', '{{a = $, b = $}}', 'concat($, $)')).replace('{{', '{').replace('}}', '}').replace('$', f'local.d{n - 1}')}\n"
            for n in range(1, levels)
        )
        lists = self._chance.choice(
            ("range(1000)", f"local.d{levels - 1}", f"flatten(local.d{levels - 1})")
        )
        head = (
            f'locals {{\n  d0 = [1]\n{doubled}  lists = {lists}\n  x = 1\n  text = join("", [for i in range(1000) : "aab"])\n'
            '  texts = [for i in range(1000) : "k${i}"]\n  map = {for i in range(1000) : "k${i}" => i}\n}\n'
        )
        value = self._value(depth).replace("x", "local.x") if depth < 1 else self._value(depth)
        for _ in range(self._chance.randint(0, 2)):
            value = f"[for x in range({self._some()}) : {value}]"
        value = f"[for x in [1] : {value}]"
        one = f"  policy = jsonencode({value})\n"
        form = self._chance.randrange(8)
        code = f'resource "aws_ecr_registry_policy" "b" {{\n{one}}}\n'
        files = {}
        if form == 1:
            code = f'resource "aws_ecr_repository" "b" {{\n  for_each = {{for k, v in {value} : k => v}}\n  name = each.key\n}}\n'
        elif form == 2:
            code = f'resource "aws_ecr_repository" "b" {{\n  count = length({value}[0])\n  name = "a/${{count.index}}"\n}}\n'
        elif form == 3:
            code = (
                f'data "aws_iam_policy_document" "d" {{\n  dynamic "statement" {{\n    for_each = {value}[0]\n    content {{\n      actions = ["ecr:*"]\n'
                f'      resources = [for x in range({self._some()}) : "r${{x}}*"]\n      sid = "s${{statement.key}}"\n    }}\n  }}\n}}\n'
                f'data "aws_iam_policy_document" "e" {{\n  {self._chance.choice(("source", "override"))}_policy_documents = [for x in range({self._some()}) : data.aws_iam_policy_document.d.json]\n}}\n'
                'resource "aws_ecr_registry_policy" "b" {\n  policy = data.aws_iam_policy_document.e.json\n}\n'
            )
        elif form == 4:
            rows = self._chance.choice((2, 6, 20))
            code = 'module "a" {\n  source = "./m0"\n}\n'
            for n in range(rows):
                files[f"terraform/main/m{n}/m.tf"] = (
                    f'variable "v" {{\n  default = {{}}\n}}\nmodule "a" {{\n  source = "../m{n + 1}"\n  count = {self._chance.choice((1, 2, 100))}\n  v = [var.v, var.v]\n}}\n'
                )
            files[f"terraform/main/m{rows}/m.tf"] = (
                f'variable "v" {{}}\nlocals {{\n  x = 1\n  text = "a"\n  texts = []\n  map = {{}}\n  lists = []\n}}\n{code}'.replace(
                    code, ""
                )
                + f'resource "aws_ecr_registry_policy" "b" {{\n{one}}}\n'
            )
        elif form == 5:
            files["terraform/main/t.tpl"] = (
                f"%{{ for x in l ~}}\n${{jsonencode([x, {self._value(1).replace('local.', '')}])}}\n%{{ endfor }}"
            )
            code = f'resource "aws_ecr_registry_policy" "b" {{\n  policy = templatefile("t.tpl", {{l = {value}[0], lists = local.lists, text = local.text, map = local.map, texts = local.texts}})\n}}\n'
        files["terraform/main/main.tf"] = PROVIDER + head + code
        return Bomb(files=files, arguments=("check", "--no-topology", "--format", "json"))

    def _glob(self) -> str:
        parts = ("*", "?", "a", "b", "*a", "a?", "/", "quay/", "${aws:username}", "*?*")
        head = self._chance.choice(
            ("", "arn:aws:ecr:eu-west-1:111122223333:repository/", "arn:aws:iam::*:role/")
        )
        return head + "".join(
            self._chance.choice(parts) for _ in range(self._chance.choice((1, 5, 40, 120)))
        )

    def _several(self) -> list[str]:
        return [self._glob() for _ in range(self._chance.choice((1, 3, 20, 120)))]

    def _statement(self) -> dict[str, object]:
        keys = ("aws:PrincipalArn", "aws:PrincipalTag/a", "aws:SourceIp", "aws:PrincipalOrgPaths", "ecr:ResourceTag/x", "aws:userid", "aws:CurrentTime", "aws:PrincipalAccount", "aws:SourceArn", "aws:RequestTag/k", "aws:TagKeys")  # fmt: skip
        operators = ("StringLike", "StringNotLike", "ArnLike", "ArnNotLike", "StringEquals", "StringNotEqualsIgnoreCase", "ForAnyValue:StringLike", "ForAllValues:StringLike", "IpAddress", "NotIpAddress", "NumericLessThan", "DateGreaterThan", "Null", "Bool", "StringLikeIfExists")  # fmt: skip
        condition: dict[str, dict[str, object]] = {}
        for _ in range(self._chance.choice((0, 1, 4, 12))):
            operator = self._chance.choice(operators)
            values: object = self._several()
            if "Ip" in operator:
                values = [
                    f"10.{n}.0.0/{8 + n % 20}" for n in range(self._chance.choice((1, 20, 200)))
                ]
            condition.setdefault(operator, {})[
                self._chance.choice(keys) + self._chance.choice(("", "1", "2"))
            ] = values
        named = [f"arn:aws:iam::{n:012d}:role/r" for n in range(self._chance.choice((1, 20, 100)))]
        one: dict[str, object] = {
            "Effect": self._chance.choice(("Allow", "Deny")),
            self._chance.choice(("Action", "Action", "NotAction")): self._chance.choice(
                (
                    "ecr:*",
                    "*",
                    ["ecr:Batch*", "ecr:Get*"],
                    [f"ecr:{'*'.join('abc'[n % 3] for n in range(9))}*" for n in range(60)],
                )
            ),
            self._chance.choice(("Principal", "Principal", "NotPrincipal")): self._chance.choice(
                ("*", {"AWS": named})
            ),
            self._chance.choice(("Resource", "Resource", "NotResource")): self._several(),
        }
        return {**one, "Condition": condition} if condition else one

    def _policy_text(self) -> str:
        statements = [self._statement() for _ in range(self._chance.choice((1, 2, 6, 30)))]
        while (
            len(text := json.dumps({"Version": "2012-10-17", "Statement": statements})) > 9500
            and len(statements) > 1
        ):
            statements.pop()
        return text

    def _policy(self) -> Bomb:
        text = self._policy_text()
        if self._chance.random() < 0.5:
            owner = self._chance.choice(POLICY_OF)
            return Bomb(
                files={"topology.yaml": TOPOLOGY, "in": text},
                arguments=("check", "--policy", f"{owner}=in"),
            )
        kind, more = self._chance.choice((("aws_ecr_registry_policy", ""), ("aws_ecr_repository_policy", 'repository = "quay/a"'), ("aws_secretsmanager_secret_policy", 'secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-abcdef"')))  # fmt: skip
        several = "".join(
            f'resource "{kind}" "b{n}" {{\n  {more}\n  policy = <<EOT\n{self._policy_text().replace("${", "$${")}\nEOT\n}}\n'
            for n in range(self._chance.choice((1, 3)))
        )
        return Bomb(
            files={"topology.yaml": TOPOLOGY, "terraform/main/main.tf": PROVIDER + several},
            arguments=("check",),
        )

    def _topology(self) -> Bomb:
        chance = self._chance
        accounts = chance.choice((2, 20, 80))
        regions = [
            "eu-west-1",
            "us-east-1",
            "eu-central-1",
            "us-west-2",
            "ap-south-1",
            "eu-north-1",
        ][: chance.choice((1, 3, 6))]
        lines = [f"version: 1\ndefaults: {{regions: [{', '.join(regions)}]}}\naccounts:"]
        lines += [f'  a{n}: {{id: "{n + 1:012d}", registry_policy: create, tags: [t{n % 3}]}}' if chance.random() < 0.1 else f'  a{n}: {{id: "{n + 1:012d}", registry_policy: create}}' for n in range(accounts)]  # fmt: skip
        lines.append("consumers:")
        consumers = chance.choice((1, 10, 60))
        lines += [
            f'  c{n}: {{account: a{n % accounts}, role: "{chance.choice(("r*", "*", "r?*a*", "exact"))}{n}"}}'
            for n in range(consumers)
        ]
        lines.append("registries:")
        for n in range(chance.choice((1, 4, min(accounts, 20)))):
            lines.append(f"  a{n}:\n    caches:")
            lines += [f"      p{k}: {{upstream: quay}}" for k in range(chance.choice((1, 10)))]
            lines.append("    grants:")
            lines += [
                f"      - {{to: c{k % consumers}, allow: {chance.choice(('pull', 'first-pull'))}}}"
                for k in range(chance.choice((1, 10, consumers)))
            ]
        text = "\n".join(lines) + "\n"
        odd = chance.randrange(5)
        if odd == 1:
            text += (
                "x: &a ["
                + "x," * 300
                + "]\n"
                + "".join(
                    f"y{n}: &b{n} [{', '.join(['*a' if n == 0 else f'*b{n - 1}'] * 9)}]\n"
                    for n in range(8)
                )
            )
        elif odd == 2:
            text += (
                "z: "
                + chance.choice(("[", "{a: ", "- ", "? ", "&a ", "!x "))
                * chance.choice((100, 20_000))
                + "\n"
            )
        elif odd == 3:
            text = text.replace(
                "version: 1",
                "version: 1\nkept: &k {" + ", ".join(f"k{n}: v" for n in range(2000)) + "}",
            ) + "".join(f"m{n}: {{<<: *k}}\n" for n in range(300))
        return Bomb(
            files={"topology.yaml": text},
            arguments=(chance.choice(("validate", "show", "generate")),),
        )

    def _document(self) -> Bomb:
        chance = self._chance
        many = chance.choice((1, 50, 1000))
        policy = (
            self._policy_text()
            if many < 100
            else json.dumps({"Statement": [self._statement()]})[:1000]
        )
        kinds = (
            ("aws_ecr_repository_policy", {"repository": "quay/a", "policy": policy}), ("aws_ecr_pull_through_cache_rule", {"ecr_repository_prefix": "quay", "upstream_registry_url": "quay.io"}),
            ("aws_iam_role", {"name": "eks-x", "path": "/", "assume_role_policy": policy}), ("aws_iam_role_policy", {"name": "p", "role": "eks-x", "policy": policy}), ("aws_ecr_registry_policy", {"policy": policy}),
        )  # fmt: skip
        resources = []
        for n in range(many):
            kind, values = chance.choice(kinds)
            resources.append({"address": f"{kind}.a[{n}]", "mode": "managed", "type": kind, "name": "a", "index": n, "provider_name": "registry.terraform.io/hashicorp/aws", "values": {**values, "registry_id": "111122223333", "region": "eu-west-1"}, "sensitive_values": {}})  # fmt: skip
        module: dict[str, object] = {"resources": resources}
        for n in range(chance.choice((0, 3, 150))):
            module = {"child_modules": [{"address": f"module.m{n}", **module}], "resources": []}
        state: dict[str, object] = {
            "format_version": "1.0",
            "terraform_version": "1.11.4",
            "values": {"root_module": module},
        }
        text = json.dumps(state)
        if chance.random() < 0.2:
            text = (
                text[:-1]
                + ', "x": '
                + chance.choice(("[", '{"a":', "[{},")) * chance.choice((500, 50_000))
            )
        return Bomb(
            files={"topology.yaml": TOPOLOGY, "in": text},
            arguments=(chance.choice(("drift", "check")), "--state", "in"),
        )
