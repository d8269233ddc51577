"""`import` of estates that are split over roots and written in all the ways that people write.

What the topology does not say is listed, and `drift` of the same code says nothing else.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from import_support import drift_of, topology_in
from test_cli_import_accounts import (
    HOSTS,
    MAIN,
    REGION,
    SHOP,
    code,
    imported,
    listed,
    provider,
    rule,
    secret_of,
)


def template(prefix: str, *lines: str) -> str:
    inner = "".join(f"  {line}\n" for line in lines)
    return (
        f'resource "aws_ecr_repository_creation_template" "t_{prefix}" {{\n'
        f'  prefix      = "{prefix}"\n  applied_for = ["PULL_THROUGH_CACHE"]\n{inner}}}\n'
    )


def role(name: str) -> str:
    return f"""
resource "aws_iam_role" "templates" {{
  {name}
  assume_role_policy = jsonencode({{ Version = "2012-10-17", Statement = [{{
    Effect = "Allow", Principal = {{ Service = "ecr.amazonaws.com" }}, Action = "sts:AssumeRole"
  }}] }})
}}
"""


KEY = 'resource "aws_kms_key" "images" {}\n'
ALIASED = """
resource "aws_kms_alias" "images" {
  name          = "alias/images"
  target_key_id = aws_kms_key.images.key_id
}
"""
ENCRYPTED = (
    "custom_role_arn = aws_iam_role.templates.arn",
    "encryption_configuration {",
    '  encryption_type = "KMS"',
    "  kms_key         = aws_kms_key.images.arn",
    "}",
)
SECRET = """
resource "aws_secretsmanager_secret" "ghcr" {
  %s
}
resource "aws_ecr_pull_through_cache_rule" "ghcr" {
  ecr_repository_prefix = "ghcr"
  upstream_registry_url = "ghcr.io"
  credential_arn        = %s
}
"""


def policy(*statements: str) -> str:
    return (
        'resource "aws_ecr_registry_policy" "this" {\n  policy = jsonencode({ Version = '
        '"2012-10-17", Statement = [' + ", ".join(statements) + "] })\n}\n"
    )


def statement(account: str, more: str = "") -> str:
    who = SHOP if account == MAIN else MAIN
    return (
        f'{{ Effect = "Allow", Principal = {{ AWS = "arn:aws:iam::{who}:root" }}, Action = ["ecr:Batch'
        f'GetImage", "ecr:GetDownloadUrlForLayer"{more}], Resource = '
        f'"arn:aws:ecr:eu-west-1:{account}:repository/quay/*" }}'
    )


HARMLESS = ', "ecr:BatchCheckLayerAvailability", "ecr:DescribeImages"'
V2 = """
resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}
"""


def forms(account: str) -> dict[str, str]:
    """What else a root of an account may hold; those with one beginning exclude each other."""
    return {
        "quay by reference": KEY
        + ALIASED
        + role('name_prefix = "images-"')
        + template("quay", *ENCRYPTED),
        "quay without alias": KEY + role('name = "images"') + template("quay", *ENCRYPTED),
        "quay with exclusions": template(
            "quay",
            'image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"',
            "image_tag_mutability_exclusion_filter {",
            '  filter      = "latest*"',
            '  filter_type = "WILDCARD"',
            "}",
        ),
        "k8s by data": """
data "aws_ecr_lifecycle_policy_document" "d" {
  rule {
    priority = 1
    selection {
      tag_status   = "untagged"
      count_type   = "sinceImagePushed"
      count_unit   = "days"
      count_number = 14
    }
  }
}
"""
        + template("k8s", "lifecycle_policy = data.aws_ecr_lifecycle_policy_document.d.json"),
        "ghcr by prefix": SECRET
        % ('name_prefix = "ecr-pullthroughcache/ghcr-"', "aws_secretsmanager_secret.ghcr.arn"),
        "ghcr by choice": 'variable "on" { type = bool }\n'
        + SECRET
        % (
            'name = "ecr-pullthroughcache/ghcr"',
            "var.on ? aws_secretsmanager_secret.ghcr.arn : null",
        ),
        "ghcr by one": SECRET
        % (
            'count = 1\n  name  = "ecr-pullthroughcache/ghcr"',
            "one(aws_secretsmanager_secret.ghcr[*].arn)",
        ),
        "ghcr by module": 'module "s" {\n  source = "git::https://example.com/s.git"\n}\n'
        + rule("ghcr", "ghcr.io", "  credential_arn = module.s.arn\n"),
        "policy with V2": policy(statement(account)) + V2,
        "policy without V2": policy(statement(account)),
        "policy with harmless actions": policy(statement(account, HARMLESS)) + V2,
        "policy with more": policy(statement(account, ', "ecr:PutImage"')) + V2,
    }


FORMS = sorted(forms(MAIN))
SPLIT = st.lists(
    st.tuples(
        st.sampled_from([MAIN, SHOP]),
        st.sampled_from(sorted(HOSTS)),
        st.sampled_from(["a", "b/x", "b/y", "deep/er/c"]),
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda each: each[:2],
)
MORE = st.lists(st.sampled_from(FORMS), max_size=5, unique_by=lambda form: form.split(" ")[0])


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@example(
    split=[(MAIN, "quay", "a"), (MAIN, "k8s", "b/x"), (SHOP, "quay", "a")], says=0, more=FORMS[::4]
)
@example(split=[(MAIN, "quay", "a"), (MAIN, "k8s", "b/x")], says=1, more=FORMS[1::4])
@example(split=[(MAIN, "quay", "a"), (SHOP, "k8s", "b/x")], says=0, more=FORMS[2::4])
@given(split=SPLIT, says=st.integers(min_value=0, max_value=255), more=MORE)
def test_an_estate_split_over_roots_has_no_drift_but_what_was_listed(
    split: list[tuple[str, str, str]], says: int, more: list[str]
) -> None:
    roots: dict[tuple[str, str], list[str]] = {}
    for account, prefix, folder in split:
        roots.setdefault((account, folder), []).append(rule(prefix, HOSTS[prefix]))
    for number, form in enumerate(more):
        # Every account has each of them once, in one of its roots.
        for account in {account for account, _ in roots}:
            own = sorted(folder for whose, folder in roots if whose == account)
            roots[account, own[number % len(own)]].append(forms(account)[form])
    options: list[str] = []
    texts: dict[str, str] = {}
    for number, ((account, folder), parts) in enumerate(sorted(roots.items())):
        name = f"{folder}-{account[:2]}"
        match (says >> number) % 3:
            case 0:
                head = provider(REGION, f'allowed_account_ids = ["{account}"]')
            case 1:
                head = provider(REGION)
                options.append(f"--account={name}={account}")
            case _:
                head = provider(REGION) + secret_of(account)
        texts[name] = head + "".join(parts)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place).resolve()
        code(folder, **texts)

        ran = imported(folder, *options)

        assert ran.code in {0, 3}, ran
        found = drift_of(folder / "t.yaml", folder / "code")
        assert {one.address or one.title for one in found} <= listed(ran)
        caches = {
            (str(topology_in(folder / "t.yaml").accounts[cache.account].id), str(cache.prefix))
            for cache in topology_in(folder / "t.yaml").caches
        }
        wanted = {(account, prefix) for account, prefix, _ in split}
        if any(form.startswith("ghcr") for form in more):
            wanted |= {(account, "ghcr") for account, _ in roots}
        assert caches >= wanted
        assert "t.yaml" in ran.document["files"]


@pytest.mark.parametrize(
    ("mutability", "filters", "expected"),
    [
        ("IMMUTABLE_WITH_EXCLUSION", ["*-rc", "latest"], ["*-rc", "latest"]),
        ("MUTABLE_WITH_EXCLUSION", ["v*", "v*"], ["v*"]),
        # What follows is refused by ECR or its provider, so that there is no such template.
        ("MUTABLE", ["latest"], None),
        ("IMMUTABLE_WITH_EXCLUSION", [], None),
        ("IMMUTABLE_WITH_EXCLUSION", ["*-*-*"], None),
        ("IMMUTABLE_WITH_EXCLUSION", list("abcdef"), None),
        ("SOMETIMES", [], None),
    ],
)
def test_exclusions_are_imported_unless_ecr_refuses_them(
    tmp_path: Path, mutability: str, filters: list[str], expected: list[str] | None
) -> None:
    blocks = [
        f'image_tag_mutability_exclusion_filter {{\n    filter      = "{each}"\n'
        '    filter_type = "WILDCARD"\n  }'
        for each in filters
    ]
    head = provider(REGION, f'allowed_account_ids = ["{MAIN}"]') + rule("quay", HOSTS["quay"])
    code(
        tmp_path,
        root=head + template("quay", f'image_tag_mutability = "{mutability}"', *blocks),
    )

    ran = imported(tmp_path)

    found = topology_in(tmp_path / "t.yaml").templates
    if expected is None:
        assert found == ()
        assert ran.code == 3
        return
    (placed,) = found
    assert placed.template.mutability == mutability
    assert list(placed.template.mutability_exclusions) == expected
    assert ran.code == 0
    assert drift_of(tmp_path / "t.yaml", tmp_path / "code") == []
