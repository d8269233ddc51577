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
        ("a.yaml", "a: { tokens: [s3cret], b: c }", f"a: {{ tokens: {HIDDEN}"),
        ("a.yaml", "a: { auth: s3cret }", f"a: {{ auth: {HIDDEN}"),
        ("a.yaml", "a: { secret: s3cret }", f"a: {{ secret: {HIDDEN}"),
        ("a.yaml", "a: { pat: s3cret }", f"a: {{ pat: {HIDDEN}"),
        ("a.yaml", "signing_key: s3cret", f"signing_key: {HIDDEN}"),
        ("a.yaml", "token_value: s3cret", f"token_value: {HIDDEN}"),
        ("a.yaml", 'a: { "password":s3cret }', f'a: {{ "password": {HIDDEN}'),
        ("a.yaml", 'a: { "pass\\u0077ord": s3cret }', f'a: {{ "pass\\u0077ord": {HIDDEN}'),
        ("a.yaml", 'token: "s3\ncret", b: c', f"token: {HIDDEN}\n{HIDDEN}"),
        ("a.json", '"tokens": [\n"s3cret"],\n"a": 1', f'"tokens": {HIDDEN}\n{HIDDEN}\n"a": 1'),
        ("a.json", '"token":\n"s3cret",\n"a": 1', f'"token": {HIDDEN}\n{HIDDEN}\n"a": 1'),
        ("a.json", '"token"\n:\n"s3cret"\n"a": 1', f'"token" {HIDDEN}\n{HIDDEN}\n{HIDDEN}\n"a": 1'),
        ("a.yaml", "- name: DB_PASSWORD\n  value: s3cret", f"- name: DB_PASSWORD\n  value: {HIDDEN}"),
        ("a.env", "HOST=h\nPASSWORD=s3cret", f"HOST=h\nPASSWORD= {HIDDEN}"),
        ("a", "password: s3cret", f"password: {HIDDEN}"),
        ("A.YAML", "password: s3cret", f"password: {HIDDEN}"),
        ("a.csv", 'host;"token"\nh;s3cret\n', f'host;"token"\n{HIDDEN}\n'),
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
        ("a.yaml", "credential: {secret: docker-hub, value: placeholder}"),
        ("a.yaml", "credential:\n  secret: docker-hub\n  value: placeholder"),
        ("a.yaml", "secret_arn: arn:aws:x\ntoken_expires: 2027-01-31\nauthor: me"),
        ("a.yaml", "tags: [{key: team, value: shop}]\nimages: [a/token]"),
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
