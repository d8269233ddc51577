"""`can`: may this consumer pull this image, and why."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay, write_topology

from generator.model.levels import Level
from state.state_samples import MAIN, Sample, plan, state

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
        ("222233334444 pull quay/a/b --at main/eu-west-1", ["no"]),
        (
            "arn:aws:sts::222233334444:assumed-role/eks-a/i-1 pull nginx --at main/eu-west-1",
            ["yes"],
        ),
        ("ci pull registry-1.docker.io:443/library/nginx --at main/eu-west-1", ["yes"]),
        ("ci pull nginx quay.io/a/b nginx --at main/eu-west-1", ["yes", "yes"]),
        ("idle pull nginx quay.io/a/b --at main/eu-west-1", ["no", "no"]),
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
    both = forebay(tmp_path, "can", "ci", "pull", "nginx", "ghcr.io/a/b", *HERE, "--format", "json")

    assert (function.code, elsewhere.code, both.code) == (2, 2, 2)
    told = {one["image"]: one["answer"] for one in both.document["can"]}
    assert told == {"nginx": "yes", "ghcr.io/a/b": "no"}
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
        ("ci pull quay.io", "write `quay.io/NAME`"),
        ("ecs pull nginx", "the task's execution role"),
        ("arn:aws:ecs:eu-west-1:222233334444:task/x/y pull nginx", "name the role"),
        ("arn:aws:iam::222233334444:user/bob pull nginx", "asked with `222233334444`"),
    ],
)
def test_what_cannot_be_asked_says_what_can(tmp_path: Path, words: str, said: str) -> None:
    write_topology(tmp_path, ESTATE)

    ran = forebay(tmp_path, "can", *words.split())

    assert ran.code == 1
    assert said in ran.err


def test_a_role_of_another_partition_is_another_one(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE)
    words = ("pull", "docker-hub/library/nginx", *HERE)

    assert forebay(tmp_path, "can", f"{SHOP}/ci/builder", *words).code == 0
    ran = forebay(tmp_path, "can", f"{SHOP}/ci/builder".replace("aws", "aws-cn"), *words)

    assert ran.code == 2
    assert "no registry of the partition `aws-cn`" in ran.out


@pytest.mark.parametrize("option", ["--plan", "--state"])
def test_what_cannot_be_read_gives_no_answer(tmp_path: Path, option: str) -> None:
    write_topology(tmp_path, ESTATE)
    (tmp_path / "cut.json").write_text('{"format_version":"1.2","planned_val', encoding="utf-8")

    ran = forebay(tmp_path, "can", "ci", "pull", "nginx", *HERE, option, "cut.json")

    assert ran.code == 1
    assert "unreadable-file" in ran.out
    assert "yes" not in ran.out


def test_a_registry_policy_of_an_unknown_account_may_be_the_one_that_matters(
    tmp_path: Path,
) -> None:
    write_topology(tmp_path, ESTATE)
    everything = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [everything]}
    denies = Sample(
        type="aws_ecr_registry_policy", name="it", values={"policy": json.dumps(policy)}
    )
    words = ("can", "ci", "pull", "nginx", *HERE, "--plan", "plan.json")

    (tmp_path / "plan.json").write_text(json.dumps(plan([denies], providers={})), "utf-8")
    ran = forebay(tmp_path, *words)
    (tmp_path / "plan.json").write_text(json.dumps(plan([], providers={})), "utf-8")

    assert ran.code == 3
    assert "may be the one of account main in eu-west-1" in " ".join(ran.out.split())
    assert forebay(tmp_path, *words).code == 0


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


CHAIN = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  main: {id: "111122223333", registry_policy: create}
  shop: {id: "222233334444", registry_policy: create}
upstreams:
  hub: {registry: ecr, account: main, region: eu-west-1}
consumers:
  nodes: {account: shop, role: eks-node, identity: attach}
registries:
  main: {caches: {quay: {}}}
  shop:
    caches:
      cached: {upstream: hub, upstream_prefix: quay}
      base: {upstream: hub, upstream_prefix: base}
    grants:
      - {to: nodes, allow: first-pull}
"""


@pytest.mark.parametrize("source", [(), ("--code", "terraform")])
def test_a_private_upstream_is_decided_with_both_registries_and_the_role(
    tmp_path: Path, source: tuple[str, ...]
) -> None:
    write_topology(tmp_path, CHAIN)
    forebay(tmp_path, "generate")

    def ask(*words: str) -> tuple[int, str]:
        ran = forebay(tmp_path, "can", "nodes", "pull", *words, *source)
        return ran.code, " ".join(ran.out.split())

    assert ask("base/x")[0] == 0
    assert ask("base/x", "--first")[0] == 0
    assert ask("111122223333.dkr.ecr.eu-west-1.amazonaws.com/base/x")[0] == 0
    # A cache of a cache: what is there already can be pulled, of the rest nobody says anything.
    code, later = ask("cached/a/b")
    assert (code, "if main/eu-west-1 has the image already" in later) == (0, True)
    code, first = ask("cached/a/b", "--first")
    assert (code, "AWS does not document that one cache imports for another" in first) == (3, True)
    code, cached = ask("cached/a/b", "--cached")
    assert (code, "shop/eu-west-1 where it is cached" in cached) == (0, True)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("main/access.tf", '["base", "quay"]', '["quay"]', "registry policy of account main"),
        ("shop/access.tf", 'prefix     = "base"', 'prefix     = "other"', "forebay-upstream"),
        (
            "modules/upstream-access/main.tf",
            '"pullthroughcache.ecr.amazonaws.com"',
            '"ecr.amazonaws.com"',
            "trust policy of role forebay-upstream",
        ),
        ("modules/registry-access/main.tf", '"V2"', '"V1"', "of account main in eu-west-1 is V1"),
    ],
)
def test_what_keeps_ecr_from_the_upstream_is_a_no_and_only_for_that_cache(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    write_topology(tmp_path, CHAIN)
    forebay(tmp_path, "generate")
    path = tmp_path / "terraform" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    ask = ("can", "nodes", "pull", "--code", "terraform")

    refused = forebay(tmp_path, *ask, "base/x")
    cached = forebay(tmp_path, *ask, "base/x", "--cached")
    other = forebay(tmp_path, *ask, "cached/a/b")

    assert (refused.code, cached.code) == (2, 0), refused.out
    assert said in " ".join(refused.out.split())
    assert other.code == (0 if file in {"main/access.tf", "shop/access.tf"} else 2)


def test_the_answer_says_which_source_gave_it(tmp_path: Path) -> None:
    write_topology(tmp_path, ESTATE)
    forebay(tmp_path, "generate")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "999988887777"},
                "Action": list(Level.PULL.actions),
                "Resource": "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*",
            }
        ],
    }
    lets_in = Sample(
        type="aws_ecr_registry_policy",
        name="it",
        values={"region": "eu-west-1", "registry_id": MAIN, "policy": json.dumps(policy)},
    )
    nobody = Sample(
        type="aws_ecr_registry_policy",
        name="it",
        values={**lets_in.values, "policy": json.dumps({**policy, "Statement": []})},
    )
    for name, document in (
        ("plan.json", plan([lets_in])),
        ("state.json", state([nobody])),
    ):
        (tmp_path / name).write_text(json.dumps(document), encoding="utf-8")

    def ask(*options: str) -> tuple[str, str, str]:
        words = ("can", "partner", "pull", "quay.io/a/b", *HERE, *options)
        document = forebay(tmp_path, *words, "--format", "json").document
        notes = forebay(tmp_path, *words).out.splitlines()
        (note,) = [line for line in notes if line.startswith("note: ")]
        return document["source"], document["can"][0]["answer"], note

    assert ask()[:2] == ("topology", "yes")
    code = "note: the code answered (terraform/main, terraform/shop)"
    assert ask("--code", "terraform") == ("code", "yes", code)
    assert ask("--plan", "plan.json") == ("plan", "yes", "note: the plan answered (plan.json)")
    assert ask("--state", "state.json") == ("state", "no", "note: the state answered (state.json)")


LEVELS = ("cached", "first-pull")
WHO = ("ci", "developers", "shop/eks-a", "partner", "everyone")
IMAGES = ("docker-hub/library/*", "quay.io/a/b", "public.ecr.aws/a/b")


def test_expectations_and_can_agree(tmp_path: Path) -> None:
    asked = list(itertools.product(WHO, LEVELS, IMAGES))
    lines = [
        f'  {word}-{number}: {{who: {who}, {word.replace("-", "_")}: {level}, images: ["{image}"],'
        " at: [main/eu-west-1]}\n"
        for number, (who, level, image) in enumerate(asked)
        for word in ("may", "may-not")
    ]
    write_topology(tmp_path, ESTATE + "expectations:\n" + "".join(lines))
    forebay(tmp_path, "generate")
    check = forebay(tmp_path, "check", "--format", "json")
    failed = {
        one["message"].split("`")[1]
        for one in check.document["results"]
        if (one["rule"], one["kind"]) == ("expectation-failed", "finding")
    }
    assert failed
    # Who shows that a prohibition fails is one of those whom it is about.
    for one in check.document["results"]:
        if one["rule"] == "expectation-failed" and one["witness"]:
            who = asked[int(one["message"].split("`")[1].rpartition("-")[2])][0]
            account = {"everyone": "", "partner": "999988887777"}.get(who, "222233334444")
            assert account in one["witness"]["principal"], one["message"]

    answers = Counter[str]()
    flags = {"cached": ["--cached"], "first-pull": ["--first"]}
    for who, level in itertools.product(WHO, LEVELS):
        options = (*flags[level], *HERE, "--code", "terraform", "--format", "json")
        found = forebay(tmp_path, "can", who, "pull", *IMAGES, *options).document["can"]
        for one in found:
            number = asked.index((who, level, one["image"]))
            holds = (f"may-{number}" not in failed, f"may-not-{number}" not in failed)
            answers[one["answer"]] += 1
            # A no about many may be a yes about some of them.
            expected = {
                "yes": [(True, False)],
                "no": [(False, True), (False, False)],
                "cannot-tell": [(True, True), (True, False)],
            }
            assert holds in expected[one["answer"]], (who, level, one)
    assert answers["yes"] > 5
    assert answers["no"] > 5


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
    listed = {one["name"]: one for one in wrong.document["expectations"]}
    assert {name: one["holds"] for name, one in listed.items()} == {
        "developers-never-first-pull": True,
        "ci-first-pulls": True,
        "partner-stays-out": True,
        **dict.fromkeys(failed, False),
    }
    assert {name: one["results"] for name, one in listed.items() if name in failed} == {
        name: [one["fingerprint"]] for name, one in failed.items()
    }
    right_one, never = listed["ci-first-pulls"], listed["partner-stays-out"]
    assert (right_one["who"], right_one["may"], right_one["level"], right_one["images"]) == (
        ["ci"],
        True,
        "first-pull",
        ["docker-hub/library/*"],
    )
    assert right_one["sentence"] == "ci may first-pull docker-hub/library/*"
    assert right_one["why"].startswith("FirstPull")
    assert right_one["statements"][0]["location"]["file"] == "terraform/main/access.tf"
    assert never["why"].startswith("No policy that was read allows it")
    assert all(one["why"] for one in listed.values())


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


def test_an_expectation_may_hold_by_what_is_taken_as_given_alone(tmp_path: Path) -> None:
    expected = "expectations:\n  ci-pulls: {who: ci, may: pull, images: [quay/*]}\n"
    write_topology(tmp_path, ESTATE + expected)
    (tmp_path / "plan.json").write_text(json.dumps(plan([], providers={})), encoding="utf-8")

    ran = forebay(tmp_path, "check", "--plan", "plan.json", "--format", "json")

    (row,) = ran.document["expectations"]
    assert row["holds"] is True
    assert row["statements"] == []
    assert row["why"].startswith("The policies allow it, if ")
