"""Random edits of generated Terraform, as a careless or a hostile person may make them.

Each is decided by a seed alone, so that one that finds something can be made again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Tree = Mapping[str, str]
"""The text of each file, by its path."""

_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_ATTRIBUTE = re.compile(r"^(?P<head>[ ]*[\w\"-]+[ ]*=[ ]*)(?P<value>\S.*)$", re.MULTILINE)
_LIST = re.compile(r'\[(?P<items>"[^"\n]*"(?:, "[^"\n]*")*)\]')
_BLOCK = re.compile(
    r"^(?P<kind>resource|module|data)(?: \"\w+\")* \"(?P<name>\w+)\" \{$", re.MULTILINE
)
_STATEMENTS = re.compile(r"Statement = (?P<value>local\.statements|concat\(|\[)")
_ACCOUNTS = ("111122223333", "222233334444", "999988887777")
_TEXTS = (
    "*",
    "",
    "ROOT",
    "quay",
    "quay.io",
    "public.ecr.aws",
    "docker-hub",
    "base-images",
    "platform",
    "first-pull",
    "cached",
    "pull",
    "upstream",
    "Allow",
    "Deny",
    "ecr:*",
    "ecr:PutImage",
    "ecr:BatchGetImage",
    "ecr:CreateRepository",
    "eu-west-1",
    "us-east-1",
    "aws-cn",
    "ecr.amazonaws.com",
    "pullthroughcache.ecr.amazonaws.com",
    "ArnLike",
    "StringNotLike",
    "arn:aws:iam::222233334444:root",
    "arn:aws:iam::222233334444:role/*",
    "arn:aws:iam::999988887777:role/forebay-upstream",
    "arn:aws:ecr:*:*:repository/*",
    *_ACCOUNTS,
)
_STATEMENT_TEXTS = (
    '{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Resource = "*" }',
    '{ Effect = "Allow", Principal = { AWS = "999988887777" }, Action = "ecr:*", Resource = "*" }',
    '{ Effect = "Deny", Principal = "*", Action = "ecr:*", Resource = "*" }',
    '{ Effect = "Deny", NotPrincipal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage", Resource = "*" }',
    '{ Effect = "Allow", NotPrincipal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage", Resource = "*" }',
    '{ Effect = "Allow", Principal = { AWS = "222233334444" }, NotAction = "ecr:DeleteRepository", Resource = "*" }',
    '{ Effect = "Deny", Principal = "*", Action = "ecr:BatchGetImage", Resource = "*", Condition = { StringNotEquals = { "aws:PrincipalAccount" = "111122223333" } } }',
    '{ Effect = "Allow", Action = "ecr:*", Resource = "*" }',
    '{ Effect = "Deny", Action = "ecr:*", NotResource = "arn:aws:ecr:*:*:repository/quay/*" }',
    '{ Effect = "Allow", NotAction = "iam:*", Resource = "*" }',
    '{ Effect = "Deny", Action = "ecr:BatchGetImage", Resource = "*", Condition = { Bool = { "aws:SecureTransport" = "false" } } }',
    '{ Effect = "Allow", Action = "ecr:PutImage", Resource = "*", Condition = { StringEquals = { "ecr:made-up" = "x" } } }',
)


def _block(kind: str, *lines: str, name: str = "extra") -> str:
    body = "".join(f"  {line}\n" for line in lines)
    return f'resource "{kind}" "{name}" {{\n{body}}}\n'


def _document(statement: str) -> str:
    return f'jsonencode({{ Version = "2012-10-17", Statement = [{statement}] }})'


_ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
_TRUST = '"{\\"Statement\\":[]}"'
_PUBLIC = _document('{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }')
_NEW_RESOURCES = (
    _block(
        "aws_ecr_pull_through_cache_rule",
        'ecr_repository_prefix = "extra"',
        'upstream_registry_url = "quay.io"',
    ),
    _block(
        "aws_ecr_pull_through_cache_rule",
        'ecr_repository_prefix = "platform"',
        'upstream_registry_url = "quay.io"',
    ),
    _block("aws_ecr_registry_policy", f"policy = {_document(_STATEMENT_TEXTS[1])}"),
    _block("aws_ecr_repository_policy", 'repository = "platform/app"', f"policy = {_PUBLIC}"),
    _block(
        "aws_ecr_repository_creation_template",
        'prefix = "platform"',
        'applied_for = ["PULL_THROUGH_CACHE"]',
        f"repository_policy = {_PUBLIC}",
    ),
    *(
        _block(
            "aws_iam_role_policy",
            'name = "extra"',
            f'role = "{role}"',
            f"policy = {_document(statement)}",
        )
        for role in ("forebay-upstream", "eks-node")
        for statement in _STATEMENT_TEXTS[7:9]
    ),
    *(
        _block(
            "aws_iam_role_policy_attachment",
            f'role = "{role}"',
            f'policy_arn = "{_ADMINISTRATOR}"',
        )
        for role in ("forebay-upstream", "eks-node")
    ),
    _block("aws_iam_policy", 'name = "extra"', f"policy = {_document(_STATEMENT_TEXTS[7])}")
    + _block(
        "aws_iam_role_policy_attachment",
        'role = "eks-node"',
        "policy_arn = aws_iam_policy.extra.arn",
    ),
    _block("aws_iam_role", 'name = "eks-node"', f"assume_role_policy = {_TRUST}"),
    _block("aws_secretsmanager_secret", 'name = "ecr-pullthroughcache/extra"'),
    _block("aws_ecr_account_setting", 'name = "REGISTRY_POLICY_SCOPE"', 'value = "V1"'),
)
_META = (
    "count = 0",
    "for_each = {}",
    "count = var.x",
    "count = 2",
    "provider = aws.other",
    "for_each = toset([])",
)
_OVERRIDES: Mapping[str, tuple[str, ...]] = {
    "registry-access": (
        _block(
            "aws_ecr_registry_policy",
            f"policy = {_document(_STATEMENT_TEXTS[0])}",
            name="this",
        ),
        "locals {\n  statements = []\n}\n",
        'variable "grants" {\n  default = {}\n}\n',
        _block("aws_ecr_account_setting", 'value = "V1"', name="registry_policy_scope"),
    ),
    "puller-access": (
        "locals {\n  documents = {}\n}\n",
        "locals {\n  attachments = {}\n}\n",
        _block("aws_iam_policy", 'path = "/other/"', name="this"),
    ),
    "upstream-access": (
        _block("aws_iam_role", f"assume_role_policy = {_TRUST}", name="this"),
        _block("aws_iam_role", f'permissions_boundary = "{_ADMINISTRATOR}"', name="this"),
        _block("aws_iam_role_policy", 'role = "other"', name="this"),
    ),
    "pull-through-cache": (
        _block("aws_ecr_pull_through_cache_rule", 'upstream_registry_url = "quay.io"', name="this"),
        _block("aws_ecr_pull_through_cache_rule", 'region = "us-east-1"', name="this"),
    ),
    "upstream-credential": (
        _block(
            "aws_secretsmanager_secret",
            f"policy = {_document(_STATEMENT_TEXTS[0])}",
            name="this",
        ),
        _block("aws_secretsmanager_secret", 'kms_key_id = "alias/x"', name="this"),
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One edit: what it is, and the whole tree after it."""

    name: str
    tree: Tree

    def changed(self, before: Tree) -> str:
        """The changed lines, for a message."""
        lines = []
        for path, text in self.tree.items():
            old = before.get(path, "").splitlines()
            lines += [f"{path}: + {line}" for line in text.splitlines() if line not in old]
            lines += [f"{path}: - {line}" for line in old if line not in text.splitlines()]
        return f"{self.name}\n" + "\n".join(lines)


def mutate(tree: Tree, seed: str) -> Mutation:
    """Make the edit of a seed; one edit in five is two edits."""
    chance = random.Random(seed)  # noqa: S311 - a choice, not a secret
    names = []
    for _ in range(2 if chance.random() < 0.2 else 1):
        for _ in range(50):
            edit = chance.choice(_EDITS)
            changed = edit(tree, chance)
            if changed is not None and changed != tree:
                tree = changed
                names.append(edit.__name__.strip("_").replace("_", " "))
                break
    return Mutation(name=f"{seed}: {' and '.join(names)}", tree=tree)


def _places(tree: Tree, pattern: re.Pattern[str]) -> list[tuple[str, re.Match[str]]]:
    # Descriptions and messages of checks are not what these edits are about.
    return [
        (path, match)
        for path, text in sorted(tree.items())
        for match in pattern.finditer(text)
        if not re.search(r"description|error_message|^\s*#", _line_of(text, match.start()))
    ]


def _line_of(text: str, at: int) -> str:
    return text[text.rfind("\n", 0, at) + 1 : text.find("\n", at)]


def _replaced(tree: Tree, path: str, start: int, end: int, text: str) -> Tree:
    return {**tree, path: tree[path][:start] + text + tree[path][end:]}


def _a_literal_changed(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _STRING))
    others = [other[0] for _, other in _places(tree, _STRING) if "${" not in other[0]]
    new = chance.choice([chance.choice(others), f'"{chance.choice(_TEXTS)}"'])
    return _replaced(tree, path, match.start(), match.end(), new)


def _a_number_or_boolean_changed(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, re.compile(r"\b(?:true|false|\d{1,4})\b")))
    new = {"true": "false", "false": "true"}.get(match[0]) or str(int(match[0]) + 1)
    return _replaced(tree, path, match.start(), match.end(), new)


def _an_operator_changed(tree: Tree, chance: random.Random) -> Tree | None:
    swaps = {"==": "!=", "!=": "==", " ? ": " ? null : ", "&&": "||", "||": "&&", " if ": " if !"}
    path, match = chance.choice(_places(tree, re.compile(r"==|!=|&&|\|\|| if ")))
    return _replaced(tree, path, match.start(), match.end(), swaps[match[0]])


def _an_element_dropped(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _LIST))
    items = match["items"].split(", ")
    items.remove(chance.choice(items))
    return _replaced(tree, path, match.start("items"), match.end("items"), ", ".join(items))


def _an_element_added(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _LIST))
    others = [item for _, other in _places(tree, _LIST) for item in other["items"].split(", ")]
    item = chance.choice([chance.choice(others), f'"{chance.choice(_TEXTS)}"'])
    return _replaced(tree, path, match.end("items"), match.end("items"), f", {item}")


def _two_values_swapped(tree: Tree, chance: random.Random) -> Tree | None:
    path = chance.choice(sorted(tree))
    found = [match for where, match in _places(tree, _ATTRIBUTE) if where == path]
    if len(found) < 2:
        return None
    first, second = sorted(chance.sample(found, 2), key=lambda match: match.start())
    changed = _replaced(tree, path, second.start("value"), second.end("value"), first["value"])
    return _replaced(changed, path, first.start("value"), first.end("value"), second["value"])


def _an_attribute_deleted(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _ATTRIBUTE))
    end = _end_of_value(tree[path], match)
    return _replaced(tree, path, match.start(), end, "")


def _an_attribute_commented_out(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _ATTRIBUTE))
    end = _end_of_value(tree[path], match)
    lines = tree[path][match.start() : end].splitlines()
    return _replaced(tree, path, match.start(), end, "\n".join(f"# {line}" for line in lines))


def _a_value_replaced(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _ATTRIBUTE))
    end = _end_of_value(tree[path], match)
    new = chance.choice(
        ["var.x", "null", '"*"', "[]", "{}", '""', "local.x", "[null]", "sensitive(null)"]
    )
    return _replaced(tree, path, match.start("value"), end, new)


def _end_of_value(text: str, match: re.Match[str]) -> int:
    """The end of a value that may go on over lines, as far as its brackets are open."""
    depth, at = 0, match.start("value")
    while at < len(text):
        sign = text[at]
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "\n" and depth <= 0:
            break
        at += 1
    return at


def _a_block_again(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _BLOCK))
    end = tree[path].index("\n}\n", match.start()) + 3
    again = tree[path][match.start() : end].replace(f'"{match["name"]}" {{', '"again" {', 1)
    return {**tree, path: f"{tree[path]}\n{again}"}


def _a_block_removed(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _BLOCK))
    end = tree[path].index("\n}\n", match.start()) + 3
    return _replaced(tree, path, match.start(), end, "")


def _an_entry_again(tree: Tree, chance: random.Random) -> Tree | None:
    """An object of a map once more under another key."""
    found = _places(tree, re.compile(r"^ +(?P<key>[\w\"/-]+) += \{$", re.MULTILINE))
    path, match = chance.choice(found)
    text = tree[path]
    indent = len(match[0]) - len(match[0].lstrip())
    end = text.find(f"\n{' ' * indent}}}", match.start())
    if end < 0:
        return None
    end += indent + 2
    again = text[match.start() : end].replace(match["key"], chance.choice(["quay", "other"]), 1)
    return _replaced(tree, path, end, end, f"\n{again}")


def _a_statement_added(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _STATEMENTS))
    statement = chance.choice(_STATEMENT_TEXTS)
    new = {
        "local.statements": f"concat(local.statements, [{statement}])",
        "concat(": f"concat([{statement}],",
        "[": f"[{statement},",
    }[match["value"]]
    return _replaced(tree, path, match.start("value"), match.end("value"), new)


def _an_element_of_a_statement_added(tree: Tree, chance: random.Random) -> Tree | None:
    found = _places(tree, re.compile(r"^ +Effect += \"Allow\"$", re.MULTILINE))
    path, match = chance.choice(found)
    new = chance.choice(
        [
            'NotAction = "ecr:PutImage"',
            'NotPrincipal = { AWS = "222233334444" }',
            'NotResource = "*"',
            'Condition = { StringEquals = { "aws:PrincipalAccount" = "222233334444" } }',
            'Condition = { Bool = { "aws:SecureTransport" = "true" } }',
            'Condition = { StringEqualsIfExists = { "aws:PrincipalOrgID" = "o-abcdefghij" } }',
            'Effect = "Deny"',
            'Sid = "Mine"',
        ]
    )
    return _replaced(tree, path, match.end(), match.end(), f"\n{new}")


def _an_effect_turned(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, re.compile('"Allow"')))
    new = chance.choice(['"Deny"', '"allow"', '"Allow "', "var.effect", 'true ? "Deny" : "Allow"'])
    return _replaced(tree, path, match.start(), match.end(), new)


def _a_meta_argument_added(tree: Tree, chance: random.Random) -> Tree | None:
    path, match = chance.choice(_places(tree, _BLOCK))
    return _replaced(tree, path, match.end(), match.end(), f"\n  {chance.choice(_META)}")


def _an_override_added(tree: Tree, chance: random.Random) -> Tree | None:
    modules = [name for name in sorted(_OVERRIDES) if f"modules/{name}/main.tf" in tree]
    name = chance.choice(modules)
    path = f"modules/{name}/{chance.choice(['override.tf', 'main_override.tf'])}"
    return {**tree, path: chance.choice(_OVERRIDES[name])}


def _a_call_overridden(tree: Tree, chance: random.Random) -> Tree | None:
    """An override of a module call in a root: one argument of it is another."""
    calls = [
        (path, match)
        for path, match in _places(tree, _BLOCK)
        if match["kind"] == "module" and not path.startswith("modules/")
    ]
    path, match = chance.choice(calls)
    text = tree[path]
    end = text.index("\n}\n", match.start())
    arguments = [
        found
        for found in _ATTRIBUTE.finditer(text, match.start(), end)
        if found["head"].startswith("  ") and not found["head"].startswith("   ")
    ]
    argument = chance.choice(arguments)
    value = text[argument.start("value") : _end_of_value(text, argument)]
    new = chance.choice(["{}", "null", '"*"', _changed_text(value, chance)])
    folder = path.rpartition("/")[0]
    line = f"{argument['head'].strip()} {new}"
    return {**tree, f"{folder}/z_override.tf": f"{match[0]}\n  {line}\n}}\n"}


def _changed_text(value: str, chance: random.Random) -> str:
    found = list(_STRING.finditer(value))
    if not found:
        return value
    match = chance.choice(found)
    return f'{value[: match.start()]}"{chance.choice(_TEXTS)}"{value[match.end() :]}'


def _a_file_added(tree: Tree, chance: random.Random) -> Tree | None:
    roots = sorted({path.rpartition("/")[0] for path in tree if path.endswith("providers.tf")})
    path = f"{chance.choice(roots)}/{chance.choice(['mine.tf', 'Z.tf'])}"
    return {**tree, path: chance.choice(_NEW_RESOURCES)}


def _values_from_a_file(tree: Tree, chance: random.Random) -> Tree | None:
    """A literal becomes a variable with that default, and a file says something else."""
    roots = sorted({path.rpartition("/")[0] for path in tree if path.endswith("providers.tf")})
    root = chance.choice(roots)
    found = [
        (path, match)
        for path, match in _places(tree, _STRING)
        if path.rpartition("/")[0] == root
        and " = " in _line_of(tree[path], match.start())
        and "source" not in _line_of(tree[path], match.start())
    ]
    path, match = chance.choice(found)
    changed = _replaced(tree, path, match.start(), match.end(), "var.given")
    name = chance.choice(["terraform.tfvars", "x.auto.tfvars", "unused.tfvars"])
    new = chance.choice([match[0], f'"{chance.choice(_TEXTS)}"'])
    return {
        **changed,
        f"{root}/given.tf": f'variable "given" {{\n  default = {match[0]}\n}}\n',
        f"{root}/{name}": f"given = {new}\n",
    }


def _a_line_dropped(tree: Tree, chance: random.Random) -> Tree | None:
    path = chance.choice(sorted(tree))
    lines = tree[path].splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return {**tree, path: "".join(lines)}


_EDITS: tuple[Callable[[Tree, random.Random], Tree | None], ...] = (
    _a_literal_changed,
    _a_literal_changed,
    _a_literal_changed,
    _a_number_or_boolean_changed,
    _an_operator_changed,
    _an_element_dropped,
    _an_element_dropped,
    _an_element_added,
    _an_element_added,
    _two_values_swapped,
    _two_values_swapped,
    _an_attribute_deleted,
    _an_attribute_commented_out,
    _a_value_replaced,
    _a_value_replaced,
    _a_block_again,
    _a_block_removed,
    _an_entry_again,
    _a_statement_added,
    _a_statement_added,
    _an_element_of_a_statement_added,
    _an_effect_turned,
    _a_meta_argument_added,
    _an_override_added,
    _a_call_overridden,
    _a_file_added,
    _a_file_added,
    _values_from_a_file,
    _a_line_dropped,
)
