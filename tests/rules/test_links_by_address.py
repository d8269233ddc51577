"""What belongs together by its address is judged together, whatever is not known about its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rules.code_examples import findings_of

if TYPE_CHECKING:
    from pathlib import Path

REGION_ALONE = 'provider "aws" { region = "eu-west-1" }\n'
"""A root of which the account is not known."""

WRONG_KEYS = 'jsonencode({ username = "u", password = var.t })'
RIGHT_KEYS = 'jsonencode({ username = "u", accessToken = var.t })'


def results(folder: Path, code: str) -> set[tuple[str, str]]:
    """Kind and rule of each result about code in an account that is not known."""
    found = findings_of(folder, {"providers.tf": REGION_ALONE, "main.tf": code})
    return {(each.kind.value, each.rule) for each in found}


def secret(
    name: str,
    *,
    value: str = WRONG_KEYS,
    arn: str = "aws_secretsmanager_secret.s.arn",
    held: str = "aws_secretsmanager_secret.s.id",
    more: str = "",
) -> str:
    """A cache of Docker Hub with its secret."""
    return f"""
variable "t" {{}}
variable "p" {{}}
resource "aws_secretsmanager_secret" "s" {{
  {name}
}}
resource "aws_secretsmanager_secret_version" "s" {{
  secret_id     = {held}
  secret_string = {value}
  {more}
}}
resource "aws_ecr_pull_through_cache_rule" "hub" {{
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = {arn}
}}
"""


NAME, KEYS = ("finding", "secret-name"), ("finding", "secret-keys")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ('name_prefix = "hub-"', {NAME, KEYS}),
        ('name = "hub-${var.p}"', {NAME, KEYS}),
        ('name = format("%s-credentials", var.p)', {KEYS}),
        ("name = var.p", {KEYS}),
        ('name_prefix = "ecr-pullthroughcache/hub-"', {KEYS}),
        ('name_prefix = "ecr-pullthroughcache/${var.p}"', {KEYS}),
        ('name_prefix = "ecr-pull${var.p}"', {KEYS}),
        ("", {NAME, KEYS}),
    ],
)
def test_a_secret_is_judged_by_what_is_known_of_its_name(
    tmp_path: Path, name: str, expected: set[tuple[str, str]]
) -> None:
    """The beginning of a name, and the link from rule to secret to version."""
    assert results(tmp_path, secret(name)) == expected


@pytest.mark.parametrize("attribute", ["arn", "secret_id", "id"])
def test_a_secret_is_found_through_its_version(tmp_path: Path, attribute: str) -> None:
    """A rule that waits for the version names the secret by it."""
    code = secret("name = var.p", arn=f"aws_secretsmanager_secret_version.s.{attribute}")

    # The id of a version holds more than the secret's ARN, and ECR takes neither part of it.
    assert KEYS in results(tmp_path, code)


def test_a_data_source_with_an_unknown_name_is_still_one_secret(tmp_path: Path) -> None:
    """The rule and the version name the same data source."""
    code = secret(
        "name = var.p",
        arn="data.aws_secretsmanager_secret.d.arn",
        held="data.aws_secretsmanager_secret.d.id",
    )
    data = 'data "aws_secretsmanager_secret" "d" {\n  name = var.p\n}\n'

    assert results(tmp_path, code + data) == {KEYS}


def test_secrets_of_others_are_not_judged(tmp_path: Path) -> None:
    """The benign twin: a right secret, and one that no rule names."""
    code = secret('name_prefix = "ecr-pullthroughcache/hub-"', value=RIGHT_KEYS)
    other = """
resource "aws_secretsmanager_secret" "db" {
  name_prefix = "db-"
}
resource "aws_secretsmanager_secret_version" "db" {
  secret_id     = aws_secretsmanager_secret.db.id
  secret_string = jsonencode({ password = "CHANGEME" })
}
"""

    assert results(tmp_path, code + other) == set()


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("jsonencode({ username = null, accessToken = null })", {KEYS}),
        ('jsonencode({ username = "u", accessToken = "" })', {KEYS}),
        ('jsonencode({ username = "u", accessToken = "CHANGE_ME" })', {KEYS}),
        ('jsonencode({ username = "u", accessToken = "<your token>" })', {KEYS}),
        ('"CHANGEME"', {KEYS}),
        (RIGHT_KEYS, set()),
        ('jsonencode({ username = "my-bot", accessToken = "dckr_pat_x" })', set()),
    ],
)
def test_a_value_without_a_token_is_a_mistake(
    tmp_path: Path, value: str, expected: set[tuple[str, str]]
) -> None:
    """Null, empty and placeholder values; nothing is said of a real one."""
    found = findings_of(
        tmp_path, {"main.tf": secret('name = "ecr-pullthroughcache/hub"', value=value)}
    )

    assert {(each.kind.value, each.rule) for each in found} == expected
    assert all("dckr_pat" not in each.message for each in found)


def test_a_placeholder_that_terraform_leaves_alone_is_no_mistake(tmp_path: Path) -> None:
    """Somebody puts the token there once, and no apply puts the placeholder back."""
    code = secret(
        'name = "ecr-pullthroughcache/hub"',
        value='jsonencode({ username = "CHANGEME", accessToken = "CHANGEME" })',
        more="lifecycle {\n    ignore_changes = [secret_string]\n  }",
    )

    assert results(tmp_path, code) == set()


def cache_role(name: str, trust: str, policy: str) -> str:
    """A cache of another account's registry, with its role."""
    return f"""
variable "n" {{}}
resource "aws_ecr_pull_through_cache_rule" "base" {{
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = aws_iam_role.cache.arn
}}
resource "aws_iam_role" "cache" {{
  {name}
  assume_role_policy = jsonencode({{
    Version   = "2012-10-17"
    Statement = [{{ Effect = "Allow", Principal = {trust}, Action = "sts:AssumeRole" }}]
  }})
}}
{policy}
"""


ECR = '{ Service = "pullthroughcache.ecr.amazonaws.com" }'
DOCUMENT = (
    'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", '
    'Action = ["ecr:CreateRepository", "ecr:PutImage"], Resource = "*" }] })'
)
INLINE = f'resource "aws_iam_role_policy" "p" {{\n  role = aws_iam_role.cache.id\n  policy = {DOCUMENT}\n}}'
ATTACHED = f"""
resource "aws_iam_policy" "p" {{
  name   = "${{var.n}}-p"
  policy = {DOCUMENT}
}}
resource "aws_iam_role_policy_attachment" "p" {{
  role       = aws_iam_role.cache.name
  policy_arn = aws_iam_policy.p.arn
}}
"""


@pytest.mark.parametrize(
    "name", ['name = "${var.n}-fill"', "name = var.n", 'name_prefix = "f-"', ""]
)
@pytest.mark.parametrize("policy", [INLINE, ATTACHED])
def test_the_role_of_a_cache_is_known_by_its_link(tmp_path: Path, name: str, policy: str) -> None:
    """AWS documents `*` for it, and nobody else can assume it."""
    assert results(tmp_path, cache_role(name, ECR, policy)) == set()


@pytest.mark.parametrize("policy", [INLINE, ATTACHED])
def test_a_role_of_others_with_an_unknown_name_is_judged(tmp_path: Path, policy: str) -> None:
    """The same policy on a role that people may assume."""
    code = cache_role("name = var.n", '{ AWS = "arn:aws:iam::222233334444:root" }', policy)

    assert ("finding", "wildcard-resource") in results(tmp_path, code)


WRONG_TRUST = ("finding", "trust-wrong-principal")


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ('"arn:aws:iam::${var.n}:root"', {WRONG_TRUST}),
        ("aws_iam_role.other.arn", {WRONG_TRUST}),
        ("var.n", {("undecided", "trust-wrong-principal")}),
    ],
)
def test_any_account_in_the_trust_of_a_cache_role_is_wrong(
    tmp_path: Path, principal: str, expected: set[tuple[str, str]]
) -> None:
    """The kind of a principal is known where its id is not."""
    trust = f'{{ Service = "pullthroughcache.ecr.amazonaws.com", AWS = {principal} }}'
    other = """
resource "aws_iam_role" "other" {
  name_prefix        = "other-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [] })
}
"""

    assert results(tmp_path, cache_role("name = var.n", trust, other)) == expected


@pytest.mark.parametrize(
    ("resource", "rule"),
    [
        ("arn:aws:ecr-public::${local.me}:repository/hub/*", "registry-resource-elsewhere"),
        ("arn:${local.part}:ecr-public::${local.me}:repository/*", "registry-resource-elsewhere"),
        ("arn:aws:iam:eu-west-1:${local.me}:repository/hub/*", "arn-malformed"),
        ("arn:aws:ecr:eu-west-9:${local.me}:repository/hub/*", "arn-malformed"),
        ("arn:aws:ecr:us-east-1:${local.me}:repository/hub/*", "registry-resource-elsewhere"),
        ("arn:aws:ecr:eu-west-1:${local.me}:repository/hub/*", None),
        ("arn:${local.part}:ecr:${local.where}:${local.me}:repository/hub/*", None),
    ],
)
def test_the_literal_parts_of_an_arn_are_judged_first(
    tmp_path: Path, resource: str, rule: str | None
) -> None:
    """A wrong service or region is one whatever the account is."""
    code = f"""
data "aws_caller_identity" "me" {{}}
variable "part" {{}}
variable "where" {{}}
locals {{
  me    = data.aws_caller_identity.me.account_id
  part  = var.part
  where = var.where
}}
resource "aws_ecr_registry_policy" "this" {{
  policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Principal = {{ AWS = "222233334444" }}, Action = "ecr:CreateRepository"
    Resource = "{resource}"
  }}] }})
}}
"""

    assert results(tmp_path, code) == ({("finding", rule)} if rule else set())


OPEN_POLICY = """
resource "aws_ecr_registry_policy" "open" {
  %s
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Resource = "*"
  }] })
}
"""


@pytest.mark.parametrize("gate", ["count = var.on ? 1 : 0", "for_each = var.on", ""])
def test_a_gated_block_is_judged_like_one_that_is_there(tmp_path: Path, gate: str) -> None:
    """Only whether it is there is left open."""
    code = 'variable "on" {}\n' + OPEN_POLICY % gate

    assert results(tmp_path, code) == {("undecided" if gate else "finding", "grant-any-principal")}


def test_links_between_gated_blocks_hold(tmp_path: Path) -> None:
    """One element of what has unknown keys is as good as any other."""
    gate = "count = var.on ? 1 : 0"
    code = secret(
        f'{gate}\n  name = "hub"',
        arn="aws_secretsmanager_secret.s[0].arn",
        held="aws_secretsmanager_secret.s[0].id",
    )

    found = results(tmp_path, 'variable "on" {}\n' + code)

    assert found == {NAME, KEYS}


def test_the_body_of_a_gated_data_source_is_known(tmp_path: Path) -> None:
    """What a document says does not depend on how many there are."""
    code = """
variable "on" {}
data "aws_iam_policy_document" "open" {
  count = var.on ? 1 : 0
  statement {
    actions   = ["ecr:BatchGetImage"]
    resources = ["*"]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
  }
}
resource "aws_ecr_registry_policy" "open" {
  policy = data.aws_iam_policy_document.open[0].json
}
"""

    assert results(tmp_path, code) == {("finding", "grant-any-principal")}


NINE_MISTAKES = """
resource "aws_ecr_registry_policy" "open" {
  GATE
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage", Resource = "*"
  }] })
}
resource "aws_ecr_pull_through_cache_rule" "refused" {
  GATE
  ecr_repository_prefix = "gcr"
  upstream_registry_url = "gcr.io"
}
resource "aws_ecr_pull_through_cache_rule" "bare" {
  GATE
  ecr_repository_prefix = "bare"
  upstream_registry_url = "registry-1.docker.io"
}
resource "aws_secretsmanager_secret" "s" {
  GATE
  name = "hub"
}
resource "aws_secretsmanager_secret_version" "s" {
  GATE
  secret_id     = aws_secretsmanager_secret.s[0].id
  secret_string = jsonencode({ username = "u", password = "t" })
}
resource "aws_ecr_pull_through_cache_rule" "hub" {
  GATE
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.s[0].arn
}
resource "aws_iam_role" "fill" {
  GATE
  name_prefix = "fill-"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect    = "Allow"
    Principal = { Service = "pullthroughcache.ecr.amazonaws.com", AWS = "arn:aws:iam::222233334444:root" }
    Action    = "sts:AssumeRole"
  }] })
}
resource "aws_ecr_pull_through_cache_rule" "base" {
  GATE
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = aws_iam_role.fill[0].arn
}
resource "aws_ecr_repository_creation_template" "hub" {
  GATE
  prefix               = "hub"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "IMMUTABLE"
  resource_tags        = { team = "a" }
}
resource "aws_iam_policy" "ci" {
  GATE
  name   = "ci"
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect = "Allow", Action = ["ecr:PutImage", "ecr:CreateRepository"], Resource = "*"
  }] })
}
"""
NINE_RULES = {
    "cache-immutable",
    "credential-missing",
    "grant-any-principal",
    "secret-keys",
    "secret-name",
    "template-role-missing",
    "trust-wrong-principal",
    "upstream-refused",
    "wildcard-resource",
}


@pytest.mark.parametrize(
    ("switch", "kind"),
    [
        ('variable "on" {}', "undecided"),
        ('variable "on" {\n  default = false\n}', "undecided"),
        ("locals {\n  on = true\n}", "finding"),
    ],
)
def test_nine_mistakes_behind_one_switch_are_all_told(
    tmp_path: Path, switch: str, kind: str
) -> None:
    """Not known, off by default, and on."""
    name = "local.on" if "locals" in switch else "var.on"
    code = NINE_MISTAKES.replace("GATE", f"count = {name} ? 1 : 0")

    found = results(tmp_path, f"{switch}\n{code}")

    assert {rule for each, rule in found if each == kind} == NINE_RULES
    assert {each for each, _ in found} == {kind}
