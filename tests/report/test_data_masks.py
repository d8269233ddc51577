"""Files of data that a report quotes: what they call a password, token or key is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import forebay

from generator.report.data_masks import masked_data
from generator.report.masks import HIDDEN

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("a.yaml", "hub:\n  password: s3cret\n  host: h", f"hub:\n  password: {HIDDEN}\n  host: h"),
        ("a.yaml", "- accessToken: |\n    s3cret\n    more\n  host: h", f"- accessToken: {HIDDEN}\n    {HIDDEN}\n    {HIDDEN}\n  host: h"),
        ("a.yaml", "hub: { host: h, api_key: s3cret }", f"hub: {{ host: h, api_key: {HIDDEN}"),
        ("a.yml", "db_password:\n  - s3cret\nhost: h", f"db_password: {HIDDEN}\n  {HIDDEN}\nhost: h"),
        ("a.yaml", '"dockerToken": s3cret', f'"dockerToken": {HIDDEN}'),
        ("a.json", '{"secretString": "s3cret", "a": 1}', f'{{"secretString": {HIDDEN}'),
        ("a.csv", "host,token\nh,s3cret\n", f"host,token\n{HIDDEN}\n"),
    ],
)  # fmt: skip
def test_the_value_of_a_secret_is_hidden(name: str, text: str, shown: str) -> None:
    assert "\n".join(masked_data(text.split("\n"), name)) == shown


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "a.yaml",
            "quay:\n  credential: hub\n  secret: ecr-pullthroughcache/hub\n  kms_key: alias/x",
        ),
        ("a.json", '{"Action": "ecr:GetAuthorizationToken", "Resource": "*"}'),
        ("a.json", '{"StringLike": {"token.actions.githubusercontent.com:sub": "repo:acme/*"}}'),
        ("a.csv", "prefix,upstream\nquay,quay.io\n"),
    ],
)
def test_what_is_no_secret_is_shown(name: str, text: str) -> None:
    assert "\n".join(masked_data(text.split("\n"), name)) == text


def test_a_report_quotes_the_entry_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "rules.yaml").write_text(
        "hub:\n  host: registry-1.docker.io\n  password: hunter2hunter2\n", encoding="utf-8"
    )
    (tmp_path / "main.tf").write_text(
        'provider "aws" { region = "eu-west-1" }\nresource "aws_ecr_pull_through_cache_rule" "r" {\n'
        '  for_each = yamldecode(file("rules.yaml"))\n  ecr_repository_prefix = each.key\n'
        "  upstream_registry_url = each.value.host\n}\n",
        encoding="utf-8",
    )

    ran = forebay(tmp_path, "check", "--no-topology", "--code", ".", "--root", ".")

    assert "rules.yaml:1:1" in ran.out
    assert "host: registry-1.docker.io" in ran.out
    assert "hunter2" not in ran.out
