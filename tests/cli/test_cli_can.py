"""`can`: may this consumer pull this image, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

if TYPE_CHECKING:
    from pathlib import Path

ESTATE = """\
version: 1
organization:
  id: o-a1b2c3d4e5
  units: {workloads: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/}
defaults: {regions: [eu-west-1]}
accounts:
  main: {id: "111122223333", registry_policy: create, regions: [eu-west-1, us-east-1]}
  shop: {id: "222233334444", unit: workloads}
consumers:
  shop-nodes: {account: shop, role: "eks-*"}
  ci: {account: shop, role: ci/builder, identity: attach}
  developers: {account: shop, permission_set: Developer}
  home: {account: main, permission_set: Home}
  everyone: {organization: true}
  partner: {account_id: "999988887777", external: true}
  idle: {account: shop, role: idle}
registries:
  main:
    caches: {quay: {}, ecr-public: {}, docker-hub: {credential: ecr-pullthroughcache/docker-hub}}
    grants:
      - {to: {role: node}, allow: first-pull}
      - {to: shop-nodes, allow: pull, caches: [docker-hub], regions: [eu-west-1]}
      - {to: ci, allow: first-pull}
      - {to: [developers, home], allow: cached, repositories: [docker-hub/library/*]}
      - {to: everyone, allow: pull, caches: [ecr-public]}
      - {to: partner, allow: pull, caches: [quay]}
"""
HERE = ("--at", "main/eu-west-1")
SHOP = "arn:aws:iam::222233334444:role"
DIGEST = f"@sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("words", "answers"),
    [
        ("shop-nodes pull nginx:1.27", ["yes", "no"]),
        ("shop-nodes pull docker-hub/library/nginx --at main/eu-west-1", ["yes"]),
        (f"ci pull docker.io/library/nginx:1.27{DIGEST} --at main/eu-west-1", ["yes"]),
        ("ci pull docker-hub/library/* --first", ["yes", "yes"]),
        ("everyone pull public.ecr.aws/docker/library/busybox", ["yes", "yes"]),
        ("everyone pull --first ecr-public/a --at main/us-east-1", ["no"]),
        ("developers pull nginx --cached --at main/eu-west-1", ["yes"]),
        ("developers pull nginx --at main/eu-west-1", ["no"]),
        ("home pull nginx --at main/eu-west-1", ["no"]),
        ("partner pull quay.io/a/b --at 111122223333/eu-west-1", ["yes"]),
        ("idle pull quay.io/a/b --at main/eu-west-1", ["no"]),
        ("node pull quay/a/b --first --at main/eu-west-1", ["yes"]),
        ("main pull quay/a/b --at main/eu-west-1", ["cannot-tell"]),
        ("shop pull quay/a/b --at main/eu-west-1", ["no"]),
        (f"{SHOP}/eks-a pull nginx --at main/eu-west-1", ["yes"]),
        (f"{SHOP}/nobody pull nginx --at main/eu-west-1", ["no"]),
        ("222233334444/ci/builder pull nginx --at main/eu-west-1", ["yes"]),
    ],
)
def test_the_topology_alone_answers(tmp_path: Path, words: str, answers: list[str]) -> None:
    write_topology(tmp_path, ESTATE)

    ran = forebay(tmp_path, "can", *words.split(), "--format", "json")

    assert [one["answer"] for one in ran.document["can"]] == answers, ran.out
    assert ran.code == (2 if "no" in answers else 3 if "cannot-tell" in answers else 0)


def test_a_yes_names_the_lines_of_the_code_and_what_it_rests_on(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE)
    forebay(tmp_path, "generate")

    ran = forebay(tmp_path, "can", "shop-nodes", "pull", "nginx", *HERE, "--code", "terraform")

    assert ran.code == 0, ran.out + ran.err
    assert "if the policy `forebay-shop-nodes` is attached to role eks-*" in ran.out
    assert "topology: grant of pull  topology.yaml:22:9" in ran.out
    assert "  terraform/main/access.tf:" in ran.out
    assert "  terraform/shop/access.tf:" in ran.out


def test_a_no_says_what_to_change(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE)
    forebay(tmp_path, "generate")
    access = tmp_path / "terraform/main/access.tf"
    text = access.read_text(encoding="utf-8")
    access.write_text(text.replace('level          = "pull"', 'level = "cached"'), encoding="utf-8")

    lower = forebay(tmp_path, "can", "shop-nodes", "pull", "--first", "nginx", *HERE)
    undeclared = forebay(tmp_path, "can", "idle", "pull", "quay.io/a/b", *HERE)
    code = forebay(tmp_path, "can", "shop-nodes", "pull", "nginx", *HERE, "--code", "terraform")

    assert "raise the grant to `allow: first-pull`" in lower.out
    assert '    - {to: idle, allow: pull, repositories: ["quay/a/b"]}' in undeclared.out
    assert "The topology declares it. Run `forebay generate`" in " ".join(code.out.split())
    assert (lower.code, undeclared.code, code.code) == (2, 2, 2)


def test_what_no_policy_can_allow_is_a_no_with_the_reason(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE)

    function = forebay(tmp_path, "can", "lambda", "pull", "nginx")
    elsewhere = forebay(tmp_path, "can", "ci", "pull", "ghcr.io/a/b")

    assert (function.code, elsewhere.code) == (2, 2)
    assert "Lambda takes only images" in function.out
    assert "No cache has the upstream `ghcr.io`" in elsewhere.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("ci push nginx", "What can be asked is `pull`"),
        ("devlopers pull nginx", "Did you mean `developers`?"),
        ("ecs-tasks.amazonaws.com pull nginx", "a service pulls with a role"),
        ("arn:aws:iam::222233334444:oidc-provider/x pull nginx", "name that role"),
        ("ci pull UPPER/case", "lower case"),
    ],
)
def test_what_cannot_be_asked_says_what_can(tmp_path: Path, words: str, said: str) -> None:
    write_topology(tmp_path, ESTATE)

    ran = forebay(tmp_path, "can", *words.split())

    assert ran.code == 1
    assert said in ran.err


def test_a_registry_of_scope_v1_lets_nobody_pull_from_other_accounts(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE)
    code = tmp_path / "code"
    code.mkdir()
    (code / "main.tf").write_text(
        """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V1"
}
resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Partner"
      Effect    = "Allow"
      Principal = { AWS = "999988887777" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}
""",
        encoding="utf-8",
    )
    asked = ("can", "partner", "pull", "quay.io/a/b", *HERE, "--code", "code")

    old = forebay(tmp_path, *asked)
    text = (code / "main.tf").read_text(encoding="utf-8")
    (code / "main.tf").write_text(text.replace('"V1"', '"V2"'), encoding="utf-8")
    new = forebay(tmp_path, *asked)

    assert (old.code, new.code) == (2, 0), old.out + new.out
    assert "is V1" in old.out
    assert "registry: Partner" in new.out
    assert "code/main.tf:12:" in new.out


EXPECTED = """\
expectations:
  developers-never-first-pull: {who: [developers, home], may_not: first-pull}
  ci-first-pulls: {who: ci, may: first-pull, images: ["docker-hub/library/*"]}
  partner-stays-out: {who: partner, may_not: cached, images: [nginx]}
"""
FAILING = """\
  nodes-stay-out: {who: shop-nodes, may_not: cached, at: [main/eu-west-1]}
  nobody-first-pulls: {who: everyone, may_not: first-pull}
  nodes-pull-all: {who: shop-nodes, may: pull, images: [quay.io/a/b]}
"""


def test_check_proves_what_the_topology_expects(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE + EXPECTED)
    forebay(tmp_path, "generate")
    right = forebay(tmp_path, "check", "--format", "junit")
    write_topology(tmp_path, ESTATE + EXPECTED + FAILING)

    wrong = forebay(tmp_path, "check", "--format", "json")

    assert right.code == 0, right.out
    assert 'name="ci-first-pulls: ci may first-pull docker-hub/library/*"/>' in right.out
    failed = {
        one["message"].split("`")[1]: one
        for one in wrong.document["results"]
        if one["rule"] == "expectation-failed"
    }
    assert set(failed) == {"nodes-stay-out", "nobody-first-pulls", "nodes-pull-all"}
    nodes, nobody, pull = (
        failed[name] for name in ("nodes-stay-out", "nobody-first-pulls", "nodes-pull-all")
    )
    assert nodes["witness"]["principal"].startswith(f"{SHOP}/eks-")
    assert nodes["location"]["file"] == "terraform/main/access.tf"
    assert nobody["witness"]["principal"] in {
        f"{SHOP}/ci/builder",
        "arn:aws:iam::111122223333:role/node",
    }
    assert "is not allowed" in pull["message"]
    assert {one["topology"]["file"] for one in failed.values()} == {"topology.yaml"}


def test_an_expectation_of_nobody_or_of_both_is_a_mistake(tmp_path: Path) -> None:
    write_topology(
        tmp_path,
        ESTATE
        + "expectations:\n"
        + "  a: {who: developer, may_not: pull}\n"
        + "  b: {who: ci, may_not: pull, images: [ghcr.io/a/b]}\n"
        + "  c: {who: ci, may: pull, at: [main/eu-north-1]}\n",
    )
    unknown = forebay(tmp_path, "validate")
    write_topology(
        tmp_path,
        ESTATE + "expectations:\n  a: {who: ci, may: pull, may_not: pull}\n  b: {who: ci}\n",
    )

    twisted = forebay(tmp_path, "validate")

    assert unknown.out.count("[expectation-not-known]") == 3
    assert "Did you mean `developers`?" in " ".join(unknown.out.split())
    assert "an expectation has one of the two" in " ".join(twisted.out.split())
    assert "this does not say what is expected" in " ".join(twisted.out.split())
