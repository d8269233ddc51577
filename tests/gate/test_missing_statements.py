"""What is printed for access that is missing mends the code: nothing is missing or too much then."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

import pytest
from gate_support import PROVIDER, judged
from test_words_of_results import generated

from generator.model.levels import Level

if TYPE_CHECKING:
    from pathlib import Path

    from generator.model.finding import Finding

TOPOLOGY = """
version: 1
accounts:
  platform: {{id: "111122223333", regions: [eu-west-1], registry_policy: create}}
  shop: {{id: "222233334444", regions: [eu-west-1]}}
  search: {{id: "333344445555", regions: [eu-west-1]}}
consumers:
  nodes: {{account: shop, role: eks-node}}
  pods: {{account: search, role: "pods-*"}}
registries:
  platform:
    caches: {{quay: {{}}, k8s: {{}}}}
    grants: [{{to: [nodes, pods], allow: {level}}}]
"""

UPSTREAM = """
version: 1
accounts:
  hub: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
  shop: {id: "222233334444", regions: [eu-west-1, us-east-1]}
upstreams:
  base-images: {registry: ecr, account: hub, region: eu-west-1}
registries:
  shop:
    caches: {base: {upstream: base-images, upstream_prefix: base}}
"""

REGISTRY = """
resource "aws_ecr_registry_policy" "this" {{
  policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [
      {statements}
    ]
  }})
}}
"""

GIVEN = """{{
        Effect    = "Allow"
        Principal = {{ AWS = ["222233334444", "333344445555"] }}
        Action    = [{actions}]
        Resource  = [
          "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
          "arn:aws:ecr:eu-west-1:111122223333:repository/k8s/*",
        ]
        Condition = {{
          ArnLike = {{
            "aws:PrincipalArn" = [
              "arn:aws:iam::222233334444:role/eks-node",
              "arn:aws:iam::333344445555:role/pods-*",
            ]
          }}
        }}
      }},"""

LESS = [
    (level, given)
    for level, given in itertools.product(Level, (None, *Level))
    if given is None or set(given.actions) < set(level.actions)
]


def to_copy(message: str) -> str:
    """The indented lines of a message."""
    return "\n".join(line for line in message.splitlines() if line.startswith("  "))


def missing(findings: list[Finding], address: str) -> list[Finding]:
    return [
        finding
        for finding in findings
        if finding.rule == "grant-missing" and (finding.address or "").startswith(address)
    ]


@pytest.mark.parametrize(("level", "given"), LESS)
def test_the_statement_that_a_registry_policy_lacks_mends_it(
    level: Level, given: Level | None, tmp_path: Path
) -> None:
    topology = TOPOLOGY.format(level=level.value)
    have = "" if given is None else GIVEN.format(actions=", ".join(f'"{a}"' for a in given.actions))
    address = "aws_ecr_registry_policy.this"
    before = judged(tmp_path, PROVIDER + REGISTRY.format(statements=have), topology)
    (lack,) = missing(before.check, address)
    left = "not even `cached`" if given is None else f"only `{given.value}`"
    assert f"`{level.value}` is declared, and {left} is given." in lack.message
    assert f"to `{address}` in `" in lack.message
    assert "main.tf`:" in lack.message

    statements = f"{have}\n{to_copy(lack.message)}"
    after = judged(tmp_path, PROVIDER + REGISTRY.format(statements=statements), topology)

    assert [each.rule for each in after.check if each.address == address] == []


@pytest.mark.parametrize(
    ("level", "given"),
    [(Level.CACHED, None), (Level.PULL, Level.CACHED), (Level.FIRST_PULL, Level.PULL)],
)
def test_the_entries_that_generated_calls_lack_mend_them(
    level: Level, given: Level | None, tmp_path: Path
) -> None:
    topology = TOPOLOGY.format(level=level.value)
    files = generated(tmp_path, topology)
    place, shop = "platform/access.tf", "shop/access.tf"
    hole = re.compile(r"(?<=  grants = \{\n).*?(?=\n  \}\n\})", re.DOTALL)
    listed = re.compile(r"(?<=      grants = \[\n).*?(?=\n      \]\n)", re.DOTALL)
    files[place] = hole.sub("", files[place])
    files[shop] = listed.sub("", files[shop])
    if given is not None:
        files[shop] = listed.sub(
            "{ level = LEVEL, account_id = ID, region = REGION, prefixes = P }", files[shop]
        )
        for word, text in (
            ("LEVEL", f'"{given.value}"'),
            ("ID", '"111122223333"'),
            ("REGION", '"eu-west-1"'),
            ("P", '["k8s", "quay"]'),
        ):
            files[shop] = re.sub(rf"\b{word}\b", text, files[shop])
    before = judged(tmp_path, files, topology)
    (registry,) = missing(before.check, "module.access_eu_west_1.")
    pullers = missing(before.check, 'module.pullers.aws_iam_policy.this["forebay-nodes"]')
    assert "`grants` of `module.access_eu_west_1` in `" in registry.message
    (puller,) = (each for each in pullers if "ecr:GetAuthorizationToken" not in each.message)
    assert "`policies.forebay-nodes.grants` of `module.pullers` in `" in puller.message

    files[place] = re.sub(r"(?<=  grants = \{\n)", to_copy(registry.message), files[place])
    files[shop] = re.sub(
        r"(?<=      grants = \[\n)", f"{to_copy(puller.message)}\n", files[shop], count=1
    )
    after = judged(tmp_path, files, topology)

    found = {each.rule for each in after.check}
    assert found <= {"attachment-not-seen"}


def test_the_entries_that_a_role_for_upstreams_lacks_mend_it(tmp_path: Path) -> None:
    files = generated(tmp_path, UPSTREAM)
    place = "shop/access.tf"
    files[place] = files[place].replace('prefix     = "base"', 'prefix     = "basis"')
    files[place] = files[place].replace('prefix = "base"', 'prefix = "basis"')
    before = judged(tmp_path, files, UPSTREAM)
    found = missing(before.check, "module.upstream_access.")
    assert len(found) == 2

    for finding in found:
        match = re.search(r"`roles\.forebay-upstream\.(\w+)`", finding.message)
        assert match is not None
        begin = re.compile(rf"(?<=      {match[1]} = \[\n)")
        files[place] = begin.sub(f"{to_copy(finding.message)}\n", files[place])
    after = judged(tmp_path, files, UPSTREAM)

    assert missing(after.check, "module.upstream_access.") == []


def test_a_role_policy_lacks_the_token_in_words_to_copy(tmp_path: Path) -> None:
    code = """
resource "aws_iam_role" "node" {
  name               = "eks-node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "pull" {
  role   = aws_iam_role.node.id
  name   = "pull"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [
      # more
    ]
  })
}
"""
    shop = PROVIDER.replace("111122223333", "222233334444")
    topology = TOPOLOGY.format(level="pull")
    before = judged(tmp_path, shop + code, topology)
    found = missing(before.check, "aws_iam_role_policy.pull")
    assert '"Action": ["ecr:GetAuthorizationToken"]' in "".join(each.message for each in found)

    statements = ",\n".join(to_copy(each.message) for each in found)
    after = judged(tmp_path, shop + code.replace("# more", statements), topology)

    assert missing(after.check, "aws_iam_role_policy.pull") == []
    assert "identity-undeclared" not in {each.rule for each in after.check}


def test_access_that_a_deny_takes_away_asks_for_no_statement(tmp_path: Path) -> None:
    deny = """{
        Effect    = "Deny"
        Principal = "*"
        Action    = "ecr:BatchGetImage"
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      },"""
    have = GIVEN.format(actions=", ".join(f'"{a}"' for a in Level.PULL.actions))
    code = REGISTRY.format(statements=f"{have}\n      {deny}")

    result = judged(tmp_path, PROVIDER + code, TOPOLOGY.format(level="pull"))

    (lack,) = missing(result.check, "aws_ecr_registry_policy.this")
    assert "A Deny statement stands in the way." in lack.message
    assert to_copy(lack.message) == ""


GROUPS = """
version: 1
organization:
  id: o-a1b2c3d4e5
  units: {workloads: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/}
accounts:
  platform: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
registries:
  platform:
    caches: {quay: {}, k8s: {}}
    grants:
      - {to: {unit: workloads, role: eks-node}, allow: pull}
      - {to: {organization: true}, allow: cached}
"""


def test_a_unit_and_an_organization_are_let_in_by_what_is_printed(tmp_path: Path) -> None:
    address = "aws_ecr_registry_policy.this"
    before = judged(tmp_path, PROVIDER + REGISTRY.format(statements=""), GROUPS)
    found = missing(before.check, address)
    statements = ",\n".join(to_copy(each.message) for each in found)

    after = judged(tmp_path, PROVIDER + REGISTRY.format(statements=statements), GROUPS)

    assert [each.rule for each in after.check if each.address == address] == []


def test_the_entries_of_a_unit_and_an_organization_are_those_that_generate_writes(
    tmp_path: Path,
) -> None:
    files = generated(tmp_path, GROUPS)
    place = "platform/access.tf"
    hole = re.compile(r"(?<=  grants = \{\n).*?(?=\n  \}\n\})", re.DOTALL)
    (written,) = hole.findall(files[place])
    files[place] = hole.sub("", files[place])

    found = missing(judged(tmp_path, files, GROUPS).check, "module.access_eu_west_1.")

    entries = "\n".join(to_copy(each.message) for each in found).splitlines()
    assert {line.strip() for line in entries} == {line.strip() for line in written.splitlines()}
