"""`import` takes its words from the code: names of accounts, heads of names, keys, and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from import_support import drift_of, topology_in
from test_cli_import_accounts import MAIN, REGION, SHOP, code, imported, listed, provider, rule

if TYPE_CHECKING:
    from pathlib import Path

OWN = provider(REGION, f'allowed_account_ids = ["{MAIN}"]') + rule("quay", "quay.io")
LETS_IN = """
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { AWS = WHO }, Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
  }] })
}
"""


def let_in(who: str) -> str:
    return OWN + LETS_IN.replace("WHO", who)


def text_of(folder: Path) -> str:
    return (folder / "t.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "who"),
    [
        (f'locals {{\n  accounts = {{ team_shop = "{SHOP}" }}\n}}\n', "values(local.accounts)"),
        (f'locals {{\n  team_shop_account_id = "{SHOP}"\n}}\n', "local.team_shop_account_id"),
        (f'locals {{\n  aws_account_team-shop = "{SHOP}"\n}}\n', "local.aws_account_team-shop"),
        (
            f'locals {{\n  teams = {{ team-shop = {{ id = "{SHOP}", nodes = 3 }} }}\n}}\n',
            "[for team in local.teams : team.id]",
        ),
        (
            f'locals {{\n  teams = [{{ name = "team shop", account = "{SHOP}" }}]\n}}\n',
            "local.teams[*].account",
        ),
        (f'locals {{\n  names = {{ "{SHOP}" = "team-shop" }}\n}}\n', "keys(local.names)"),
        (
            f'variable "pullers" {{\n  default = {{ TeamShop = null, team_shop = "{SHOP}" }}\n}}\n',
            "var.pullers.team_shop",
        ),
    ],
)
def test_an_account_is_called_what_the_code_calls_it(tmp_path: Path, words: str, who: str) -> None:
    code(tmp_path, hub=words + let_in(who))

    imported(tmp_path)

    (consumer,) = topology_in(tmp_path / "t.yaml").consumers
    assert consumer == "team-shop"


@pytest.mark.parametrize(
    "words",
    [
        "",
        f'locals {{\n  account_id = "{SHOP}"\n}}\n',
        f'locals {{\n  pullers = ["{SHOP}"]\n}}\n',
        f'locals {{\n  one = "{SHOP}"\n  other = "{SHOP}"\n}}\n',
        f'locals {{\n  a = {{ shop = "{SHOP}" }}\n  b = {{ shop = "444455556666" }}\n}}\n',
    ],
)
def test_where_the_code_has_no_word_or_several_the_id_is_the_name(
    tmp_path: Path, words: str
) -> None:
    code(tmp_path, hub=words + let_in(f'"{SHOP}"'))

    imported(tmp_path)

    (consumer,) = topology_in(tmp_path / "t.yaml").consumers
    assert consumer == f"account-{SHOP}"


PULLER = """
resource "aws_iam_role" "node" {
  name               = "ROLE"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole"
  }] })
}
resource "aws_iam_policy" "pull" {
  name = "POLICY"
  policy = jsonencode({ Version = "2012-10-17", Statement = [
    { Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" },
    {
      Effect = "Allow", Action = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    },
  ] })
}
resource "aws_iam_role_policy_attachment" "pull" {
  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.pull.arn
}
"""


@pytest.mark.parametrize(
    ("policy", "role", "head"),
    [
        ("ecr-pull-through", "eks-node", ""),
        ("acme-ecr-eks-node", "eks-node", "acme-ecr-eks-"),
        ("acme-ecr-node", "node", "acme-ecr-"),
    ],
)
def test_no_name_is_cut_off_but_at_a_name_of_the_code(
    tmp_path: Path, policy: str, role: str, head: str
) -> None:
    """Of one policy, only what stands behind it says where the head of its name ends."""
    code(tmp_path, hub=OWN + PULLER.replace("ROLE", role).replace("POLICY", policy))

    imported(tmp_path)

    text = text_of(tmp_path)
    is_head = head == policy.removesuffix(role)
    assert ("name_prefix" in text) is (bool(head) and is_head)
    assert "through" not in text
    assert drift_of(tmp_path / "t.yaml", tmp_path / "code") == []


TEMPLATE = """
resource "aws_kms_key" "images" {}
ALIASES
resource "aws_iam_role" "templates" {
  ROLE
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = { Service = "ecr.amazonaws.com" }, Action = "sts:AssumeRole"
  }] })
}
resource "aws_ecr_repository_creation_template" "quay" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.templates.arn
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.images.arn
  }
}
"""


def alias(name: str) -> str:
    return (
        f'resource "aws_kms_alias" "{name}" {{\n  name          = "alias/{name}"\n'
        "  target_key_id = aws_kms_key.images.id\n}\n"
    )


def with_template(aliases: str, role: str) -> str:
    return OWN + TEMPLATE.replace("ALIASES", aliases).replace("ROLE", role)


def test_a_key_of_the_code_is_named_by_its_alias(tmp_path: Path) -> None:
    code(tmp_path, hub=with_template(alias("ecr"), 'name = "templates"'))

    ran = imported(tmp_path)

    assert (ran.code, listed(ran)) == (0, set())
    assert "encryption: {kms_key: alias/ecr}" in text_of(tmp_path)
    assert drift_of(tmp_path / "t.yaml", tmp_path / "code") == []


def test_another_alias_of_the_topology_is_a_difference(tmp_path: Path) -> None:
    code(tmp_path, hub=with_template(alias("ecr"), 'name = "templates"'))
    imported(tmp_path)
    file = tmp_path / "t.yaml"

    file.write_text(file.read_text("utf-8").replace("alias/ecr", "alias/other"), "utf-8")

    (found,) = drift_of(file, tmp_path / "code")
    assert (found.kind.value, found.rule) == ("drift", "different")


@pytest.mark.parametrize("aliases", ["", alias("one") + alias("two")])
def test_a_key_without_one_alias_is_kept_with_a_name_to_fill_in(
    tmp_path: Path, aliases: str
) -> None:
    code(tmp_path, hub=with_template(aliases, 'name = "templates"'))

    ran = imported(tmp_path)

    assert ran.code == 3
    assert "encryption: {kms_key: alias/images}" in text_of(tmp_path)
    assert "aws_kms_key.images.arn" in ran.document["results"][0]["message"]
    (found,) = drift_of(tmp_path / "t.yaml", tmp_path / "code")
    assert found.kind.value == "undecided"
    assert found.address in listed(ran)


def test_a_role_with_a_name_prefix_keeps_its_template(tmp_path: Path) -> None:
    code(tmp_path, hub=with_template(alias("ecr"), 'name_prefix = "images-"'))

    ran = imported(tmp_path)

    assert ran.code == 3
    (told,) = ran.document["results"]
    assert "put the role's own name there" in told["message"]
    file = tmp_path / "t.yaml"
    assert [each.kind.value for each in drift_of(file, tmp_path / "code")] == ["undecided"]
    wrong = file.read_text("utf-8").replace("role: images-0", "role: other-0")
    file.write_text(wrong, "utf-8")
    assert [each.kind.value for each in drift_of(file, tmp_path / "code")] == ["drift"]


def test_what_is_not_told_stands_at_the_head_with_its_reason(tmp_path: Path) -> None:
    code(tmp_path, hub=with_template(alias("ecr"), 'name_prefix = "images-"'))

    ran = imported(tmp_path)

    head = [line for line in text_of(tmp_path).split("\n") if line.startswith("#")]
    words = " ".join(line.removeprefix("#").strip() for line in head)
    (told,) = ran.document["results"]
    assert f"Not told: {told['title']} (code/hub/main.tf:" in words
    assert told["message"] in words
    assert max(map(len, head)) <= 110


def test_the_role_that_a_template_names_is_no_drift_whomever_it_trusts(tmp_path: Path) -> None:
    text = with_template(alias("ecr"), 'name = "templates"').replace(
        '"ecr.amazonaws.com"', '["ecr.amazonaws.com", "pullthroughcache.ecr.amazonaws.com"]'
    )
    code(tmp_path, hub=text)

    ran = imported(tmp_path)

    assert (ran.code, listed(ran)) == (0, set())
    assert drift_of(tmp_path / "t.yaml", tmp_path / "code") == []
