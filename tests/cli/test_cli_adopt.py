"""`generate --adopt`: the first plan of a root takes over what is there, and no later run forgets it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from cli_running import Ran, forebay, write_topology

from generator.snapshot.document import parse_snapshot

if TYPE_CHECKING:
    from pathlib import Path

TOPOLOGY = """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1], registry_policy: create}
registries:
  main:
    caches: {quay: {}, k8s: {}}
    grants: [{to: {account_id: "222233334444", external: true}, allow: pull, caches: [quay]}]
"""
PROVIDER = """\
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}
"""
OLD = (
    PROVIDER
    + """\
resource "aws_ecr_pull_through_cache_rule" "all" {
  for_each              = { quay = "quay.io", k8s = "registry.k8s.io" }
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}
resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}
"""
)
CACHES = "module.cache_eu_west_1.aws_ecr_pull_through_cache_rule.this"
SCOPE = "module.access_eu_west_1.aws_ecr_account_setting.registry_policy_scope"


def old_code(folder: Path, text: str = OLD, name: str = "legacy/main.tf") -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file.parent


def adopt(folder: Path, *sources: str, topology: str = TOPOLOGY) -> Ran:
    write_topology(folder, topology)
    options = [word for source in sources for word in ("--adopt", source)]
    return forebay(folder, "generate", *options, "--format", "json")


def imports(folder: Path, root: str = "main") -> dict[str, str]:
    """The ids in a root's `adopt.tf`, by the addresses that they go to."""
    file = folder / "terraform" / root / "adopt.tf"
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    return dict(re.findall(r'import \{\n  to = (.+)\n  id = "(.+)"\n\}', text))


def rules(ran: Ran) -> list[str]:
    return [result["rule"] for result in ran.document["results"]]


def state_of(*resources: dict[str, object]) -> str:
    return json.dumps(
        {
            "format_version": "1.0",
            "terraform_version": "1.11.4",
            "values": {"root_module": {"resources": list(resources)}},
        }
    )


def rule_in_state(address: str, prefix: str, host: str) -> dict[str, object]:
    return {
        "address": address,
        "mode": "managed",
        "type": "aws_ecr_pull_through_cache_rule",
        "name": address.rpartition(".")[2],
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": {
            "ecr_repository_prefix": prefix,
            "upstream_registry_url": host,
            "upstream_repository_prefix": "ROOT",
            "registry_id": "111122223333",
            "region": "eu-west-1",
            "id": prefix,
        },
    }


def test_what_old_code_makes_is_imported_and_the_rest_is_made(tmp_path: Path) -> None:
    old_code(tmp_path)

    ran = adopt(tmp_path, "legacy")

    assert (ran.code, rules(ran)) == (0, [])
    assert imports(tmp_path) == {
        f'{CACHES}["k8s"]': "k8s@eu-west-1",
        f'{CACHES}["quay"]': "quay@eu-west-1",
        SCOPE: "REGISTRY_POLICY_SCOPE@eu-west-1",
    }
    assert {one["to"] for one in ran.document["adopted"]} == {*imports(tmp_path)}


def test_the_old_code_is_told_what_to_let_go(tmp_path: Path) -> None:
    old_code(tmp_path)
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "generate", "--adopt", "legacy")

    assert "In legacy, take these blocks out" in ran.out
    assert (
        "removed {  # legacy/main.tf:6\n  from = aws_ecr_pull_through_cache_rule.all\n" in ran.out
    )
    assert ran.out.count("destroy = false") == 2


def test_of_a_block_that_makes_others_too_the_state_alone_forgets(tmp_path: Path) -> None:
    old_code(tmp_path, OLD.replace('k8s = "registry.k8s.io"', 'gone = "registry.k8s.io"'))

    ran = adopt(tmp_path, "legacy")

    (released,) = [one for one in ran.document["released"] if not one["whole"]]
    assert released["instances"] == ['aws_ecr_pull_through_cache_rule.all["quay"]']
    said = forebay(tmp_path, "generate", "--adopt", "legacy").out
    assert "terraform state rm 'aws_ecr_pull_through_cache_rule.all[\"quay\"]'" in said


def test_a_later_run_knows_it_without_being_told(tmp_path: Path) -> None:
    old_code(tmp_path)
    adopt(tmp_path, "legacy")

    assert forebay(tmp_path, "generate", "--check").code == 0
    assert forebay(tmp_path, "drift", "--exit-zero").code == 0

    adopt(tmp_path, topology=TOPOLOGY.replace(", k8s: {}", ""))

    assert f'{CACHES}["k8s"]' not in imports(tmp_path)
    assert f'{CACHES}["quay"]' in imports(tmp_path)


def test_the_blocks_go_when_they_are_not_wanted_any_more(tmp_path: Path) -> None:
    old_code(tmp_path)
    adopt(tmp_path, "legacy")

    forebay(tmp_path, "generate", "--no-adopt")

    assert not (tmp_path / "terraform/main/adopt.tf").exists()
    assert forebay(tmp_path, "generate", "--check").code == 0


def test_of_one_account_alone_nothing_is_said_about_others(tmp_path: Path) -> None:
    for name, number in (("main", "111122223333"), ("shop", "222233334444")):
        old_code(tmp_path, OLD.replace("111122223333", number), f"legacy/{name}/main.tf")
    write_topology(
        tmp_path,
        """\
version: 1
accounts:
  main: {id: "111122223333", regions: [eu-west-1]}
  shop: {id: "222233334444", regions: [eu-west-1]}
registries:
  both: {accounts: all, caches: {quay: {}, k8s: {}}}
""",
    )

    ran = forebay(
        tmp_path, "generate", "--adopt", "legacy", "--account", "shop", "--format", "json"
    )

    assert {one["root"] for one in ran.document["adopted"]} == {"shop"}
    assert {one["root"] for one in ran.document["released"]} == {"legacy/shop"}
    assert len(imports(tmp_path, "shop")) == 2


def test_both_options_at_once_are_a_wrong_call(tmp_path: Path) -> None:
    old_code(tmp_path)
    write_topology(tmp_path, TOPOLOGY)

    assert forebay(tmp_path, "generate", "--adopt", "legacy", "--no-adopt").code == 1


def test_code_in_the_folder_of_the_root_is_moved_in_its_state(tmp_path: Path) -> None:
    old_code(tmp_path, name="terraform/main/old.tf")

    ran = adopt(tmp_path, "terraform")

    text = (tmp_path / "terraform/main/adopt.tf").read_text(encoding="utf-8")
    assert not imports(tmp_path)
    assert (
        'moved {\n  from = aws_ecr_pull_through_cache_rule.all["quay"]\n'
        f'  to   = {CACHES}["quay"]\n}}' in text
    )
    assert all(one["moved"] for one in ran.document["released"])
    assert forebay(tmp_path, "generate", "--check").code == 0


def test_a_state_imports_what_it_records(tmp_path: Path) -> None:
    rule = rule_in_state("aws_ecr_pull_through_cache_rule.q", "quay", "quay.io")
    (tmp_path / "old.json").write_text(state_of(rule), encoding="utf-8")

    ran = adopt(tmp_path, "old.json")

    assert ran.code == 0
    assert imports(tmp_path) == {f'{CACHES}["quay"]': "quay@eu-west-1"}
    assert [one["address"] for one in ran.document["released"]] == [
        "aws_ecr_pull_through_cache_rule.q"
    ]


def test_what_the_roots_own_state_has_is_not_imported(tmp_path: Path) -> None:
    rule = rule_in_state(f'{CACHES}["quay"]', "quay", "quay.io")
    (tmp_path / "own.json").write_text(state_of(rule), encoding="utf-8")

    adopt(tmp_path, "own.json")

    assert not imports(tmp_path)


def test_of_a_plan_counts_what_is_there_before_it(tmp_path: Path) -> None:
    there = rule_in_state("aws_ecr_pull_through_cache_rule.q", "quay", "quay.io")
    new = rule_in_state("aws_ecr_pull_through_cache_rule.k", "k8s", "registry.k8s.io")
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [there, new]}},
        "prior_state": json.loads(state_of(there)),
        "configuration": {},
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan), encoding="utf-8")

    adopt(tmp_path, "plan.json")

    assert imports(tmp_path) == {f'{CACHES}["quay"]': "quay@eu-west-1"}


def test_what_the_first_plan_changes_is_told(tmp_path: Path) -> None:
    rule = rule_in_state("aws_ecr_pull_through_cache_rule.q", "quay", "ghcr.io")
    (tmp_path / "old.json").write_text(state_of(rule), encoding="utf-8")

    ran = adopt(tmp_path, "old.json")

    (told,) = ran.document["results"]
    assert (told["rule"], told["severity"]) == ("first-plan-changes", "warning")
    assert "upstream_registry_url" in told["message"]


SECRET = (
    PROVIDER
    + """\
resource "aws_secretsmanager_secret" "hub" { name = "ecr-pullthroughcache/hub" }
resource "aws_secretsmanager_secret_version" "hub" {
  secret_id     = aws_secretsmanager_secret.hub.id
  secret_string = jsonencode({ username = "u", accessToken = "t" })
}
"""
)


def test_a_secret_is_never_imported_and_its_second_making_is_told(tmp_path: Path) -> None:
    old_code(tmp_path, SECRET)
    credential = "{secret: ecr-pullthroughcache/hub, value: placeholder}"
    topology = TOPOLOGY.replace(
        "quay: {}, k8s: {}", f"quay: {{}}, docker-hub: {{credential: {credential}}}"
    )

    ran = adopt(tmp_path, "legacy", topology=topology)

    assert not imports(tmp_path)
    assert not ran.document["released"]
    (told,) = ran.document["results"]
    assert (told["rule"], told["severity"]) == ("not-adopted", "warning")
    assert "credential: ecr-pullthroughcache/hub" in told["message"]


def test_a_block_that_may_not_be_there_is_an_open_question(tmp_path: Path) -> None:
    text = OLD.replace('scope" {\n', 'scope" {\n  count = var.on ? 1 : 0\n')
    old_code(tmp_path, 'variable "on" {}\n' + text)

    ran = adopt(tmp_path, "legacy")

    assert (ran.code, rules(ran)) == (3, ["not-adopted"])
    assert SCOPE not in imports(tmp_path)


VARIABLES = """\
provider "aws" {
  allowed_account_ids = ["111122223333"]
}
variable "on" { default = false }
variable "prefix" {}
resource "aws_ecr_pull_through_cache_rule" "quay" {
  count                 = var.on ? 1 : 0
  ecr_repository_prefix = "${var.prefix}y"
  upstream_registry_url = "quay.io"
}
"""


def test_old_code_is_read_with_the_values_that_it_needs(tmp_path: Path) -> None:
    old_code(tmp_path, VARIABLES)
    values = ("--region", "eu-west-1", "--var", "on=true", "--var", "prefix=qua")

    without = adopt(tmp_path, "legacy")
    ran = forebay(tmp_path, "generate", "--adopt", "legacy", *values, "--format", "json")

    (doubt,) = without.document["results"]
    assert (without.code, doubt["rule"]) == (3, "not-adopted")
    assert doubt["title"] == "Cannot tell whether the cache rule quay is there already"
    assert "--var on=…" in doubt["message"]
    assert (ran.code, [each["to"] for each in ran.document["adopted"]]) == (
        0,
        [f'{CACHES}["quay"]'],
    )


def test_an_error_in_old_code_is_told(tmp_path: Path) -> None:
    old_code(tmp_path, OLD + 'resource "aws_iam_role" "x" {\n  name = "open\n}\n')

    ran = adopt(tmp_path, "legacy")

    assert ran.code == 1
    assert [one["rule"] for one in ran.document["results"]] == ["unreadable-file"]


@pytest.mark.parametrize("option", ["--root=.", "--var=a=b", "--region=eu-west-1"])
def test_how_code_is_read_says_nothing_without_code(tmp_path: Path, option: str) -> None:
    write_topology(tmp_path, TOPOLOGY)

    ran = forebay(tmp_path, "generate", option)

    assert ran.code == 1
    assert "--adopt" in ran.err


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"forebay_snapshot": 1}', "{", "\x1f\x8b"])
def test_what_is_nothing_of_that_is_refused_and_nothing_is_written(
    tmp_path: Path, content: str
) -> None:
    (tmp_path / "thing.json").write_bytes(content.encode("latin-1"))

    ran = adopt(tmp_path, "thing.json")

    assert ran.code == 1, content
    assert not (tmp_path / "terraform").exists()


def test_a_manifest_of_a_stranger_chooses_neither_ids_nor_words(tmp_path: Path) -> None:
    old_code(tmp_path)
    adopt(tmp_path, "legacy")
    manifest = tmp_path / "terraform/main/.forebay.json"
    document = json.loads(manifest.read_text(encoding="utf-8"))
    document["adopted"] = {f'{CACHES}["other"]': None, 'x"\n}\nresource "a" "b" {': None}
    manifest.write_text(json.dumps(document), encoding="utf-8")

    ran = forebay(tmp_path, "generate", "--check")

    assert ran.code == 1
    assert "no address of a resource" in ran.err


def snapshot_text(**facts: object) -> str:
    """A snapshot of the one region, with nothing in it but what is given."""
    empty: dict[str, object] = {
        "registry_policy": None,
        "rules": [],
        "scope": "V1",
        "secrets": [],
        "templates": [],
    }
    at = "2026-11-29T02:10:03Z"
    units: list[dict[str, object]] = [
        {"account": "111122223333", "region": region, "read_at": at, "facts": found, "not_read": []}
        for region, found in ((None, {"roles": []}), ("eu-west-1", {**empty, **facts}))
    ]
    document = {
        "forebay_snapshot": 1,
        "forebay": "0.2.0",
        "by": "arn:aws:iam::111122223333:user/me",
        "endpoint": None,
        "depth": "registry",
        "units": units,
    }
    parse_snapshot(json.dumps(document).encode())
    return json.dumps(document)


def test_aws_itself_says_what_is_there_whatever_code_says(tmp_path: Path) -> None:
    old_code(tmp_path)
    rule = {
        "ecrRepositoryPrefix": "quay",
        "upstreamRegistryUrl": "quay.io",
        "upstreamRepositoryPrefix": "ROOT",
    }
    (tmp_path / "live.json").write_text(snapshot_text(rules=[rule]), encoding="utf-8")

    ran = adopt(tmp_path, "live.json", "legacy")

    assert imports(tmp_path) == {
        f'{CACHES}["quay"]': "quay@eu-west-1",
        SCOPE: "REGISTRY_POLICY_SCOPE@eu-west-1",
    }
    told = {result["title"]: result["severity"] for result in ran.document["results"]}
    assert told["The cache rule k8s is not imported"] == "info"
    assert told["The first plan changes the account setting REGISTRY_POLICY_SCOPE"] == "warning"
