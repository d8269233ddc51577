"""What other people must add: nothing is lost, and it is written down for each of them."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.export.show import outside_rows, root_rows
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.intent.consumer_policies import consumer_policies
from generator.intent.handover import Sort, folder_of, handovers
from generator.intent.records import intend
from generator.model.estate import Kind
from generator.model.finding import Severity
from generator.model.topology import IdentitySide
from generator.topology import read_topology
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from generator.model.topology import Topology

TOPOLOGY = """
version: 1
organization:
  id: o-a1b2c3d4e5
  units: {workloads: o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/}
defaults: {regions: [eu-west-1]}
accounts:
  platform: {id: "111122223333", registry_policy: create}
  sandbox: {id: "444455556666", unit: workloads, managed: false}
creation_templates:
  standard: {repository_tags: {team: sandbox}, lifecycle: {expire_after_days: 30}, encryption: KMS}
upstreams:
  docker-hub: {credential: {secret: ecr-pullthroughcache/docker-hub, value: placeholder}}
  base-images: {registry: ecr, account: platform}
consumers:
  nodes: {unit: workloads, role: eks-node}
  developers: {account: platform, permission_set: Developer}
registries:
  platform:
    caches: {quay: {}}
    grants:
      - {to: [nodes, developers, {organization: true}], allow: pull}
      - {to: {account: sandbox, role: ci}, allow: pull}
  sandbox:
    caches:
      docker-hub: {creation_template: standard}
      base: {upstream: base-images, upstream_prefix: base}
    grants: [{to: {role: eks-node}, allow: first-pull}, {to: {account: platform}, allow: pull}]
"""


def read(folder: Path, text: str = TOPOLOGY) -> Topology:
    """The topology that the text means."""
    (folder / "topology.yaml").write_text(text, encoding="utf-8")
    reading = read_topology(folder / "topology.yaml")
    assert reading.topology is not None, reading.findings
    return reading.topology


def test_an_unmanaged_account_has_no_root_and_everything_in_its_folder(tmp_path: Path) -> None:
    topology = read(tmp_path)
    tree = file_tree(topology)

    assert [root.account for root in tree.roots] == ["platform"]
    assert [row.account for row in root_rows(topology)] == ["platform"]
    folder = "handover/sandbox/"
    assert sorted(path.removeprefix(folder) for path in tree.shared if path.startswith(folder)) == [
        "README.md",
        "cache-rules.json",
        "creation-templates.json",
        "forebay-platform-ci.json",
        "forebay-sandbox-eks-node.json",
        "registry-policy.eu-west-1.json",
        "roles.json",
        "secrets.json",
    ]
    readme = tree.shared[f"{folder}README.md"]
    assert readme.startswith("# Pulling through ECR caches: account sandbox (444455556666)\n")
    assert "`forebay-sandbox-eks-node.json`: for the role eks-node" in readme


def test_the_documents_say_exactly_what_to_add(tmp_path: Path) -> None:
    shared = file_tree(read(tmp_path)).shared

    def document(name: str) -> list[dict[str, object]]:
        found: list[dict[str, object]] = json.loads(shared[f"handover/sandbox/{name}"])
        return found

    assert document("secrets.json") == [
        {"region": "eu-west-1", "name": "ecr-pullthroughcache/docker-hub"}
    ]
    base, hub = json.loads(shared["handover/sandbox/cache-rules.json"])["eu-west-1"]
    assert base == {
        "ecrRepositoryPrefix": "base",
        "upstreamRegistry": "ecr",
        "upstreamRegistryUrl": "111122223333.dkr.ecr.eu-west-1.amazonaws.com",
        "upstreamRepositoryPrefix": "base",
        "customRoleArn": "arn:aws:iam::444455556666:role/forebay-upstream",
    }
    assert hub["credentialSecretName"] == "ecr-pullthroughcache/docker-hub"
    upstream, template = document("roles.json")
    assert (upstream["roleName"], template["roleName"]) == ("forebay-upstream", "forebay-template")
    assert "pullthroughcache.ecr.amazonaws.com" in json.dumps(upstream["assumeRolePolicyDocument"])
    (placed,) = json.loads(shared["handover/sandbox/creation-templates.json"])["eu-west-1"]
    assert placed["prefix"] == "docker-hub"
    assert placed["resourceTags"] == [{"Key": "team", "Value": "sandbox"}]
    assert placed["customRoleArn"] == "arn:aws:iam::444455556666:role/forebay-template"
    (statement,) = json.loads(shared["handover/sandbox/registry-policy.eu-west-1.json"])[
        "Statement"
    ]
    assert statement["Principal"] == {"AWS": ["111122223333"]}


def test_the_managed_side_lets_the_unmanaged_account_in(tmp_path: Path) -> None:
    access = file_tree(read(tmp_path)).roots[0].files["access.tf"]

    assert "arn:aws:iam::444455556666:role/forebay-upstream" in access
    assert "arn:aws:iam::444455556666:role/ci" in access


def test_one_role_of_an_unmanaged_account_has_one_policy_however_it_is_written(
    tmp_path: Path,
) -> None:
    written = "[{role: ci, identity: attach}, {account: sandbox, role: ci}]"
    text = TOPOLOGY.replace(
        "{to: {account: platform}, allow: pull}", f"{{to: {written}, allow: pull}}"
    )

    shared = file_tree(read(tmp_path, text)).shared

    assert "handover/sandbox/forebay-sandbox-ci.json" in shared


def test_units_the_organization_and_permission_sets_have_a_folder_each(tmp_path: Path) -> None:
    topology = read(tmp_path)

    assert {row.path: row.adds for row in outside_rows(topology)} == {
        "handover/organization.o-a1b2c3d4e5": ("identity policies",),
        "handover/platform": ("identity policies",),
        "handover/sandbox": tuple(sort.value for sort in Sort),
        "handover/unit.workloads": ("identity policies",),
    }
    shared = file_tree(topology).shared
    assert "for the permission set Developer" in shared["handover/platform/README.md"]
    for folder in ("organization.o-a1b2c3d4e5", "unit.workloads"):
        assert "those that join later" in shared[f"handover/{folder}/README.md"]


def test_what_is_left_to_its_owner_is_listed_once_and_not_judged(tmp_path: Path) -> None:
    topology = read(tmp_path)
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))
    other = tmp_path / "terraform" / "sandbox"
    other.mkdir()
    (other / "main.tf").write_text(
        'provider "aws" {\n  region = "eu-west-1"\n  allowed_account_ids = ["444455556666"]\n}\n'
        'resource "aws_ecr_pull_through_cache_rule" "other" {\n'
        '  ecr_repository_prefix = "other"\n  upstream_registry_url = "quay.io"\n}\n',
        encoding="utf-8",
    )

    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)

    for found in (drift_findings(topology, reading), check_findings(topology, reading)):
        rules = [finding.rule for finding in found]
        assert rules.count("account-not-managed") == 1
        assert all(finding.severity is Severity.INFO for finding in found), rules
        (outside,) = (finding for finding in found if finding.rule == "outside-topology")
        assert "the topology leaves sandbox to its owner (`managed: false`)" in outside.message


@settings(max_examples=60, deadline=None)
@given(document=topologies())
def test_everything_is_either_written_or_handed_over(document: Document) -> None:
    with tempfile.TemporaryDirectory() as name:
        topology = read(Path(name), to_yaml(document))

    written = {
        (record.account, record.region, record.key)
        for record in intend(topology).records
        if record.kind is Kind.CACHE_RULE
    }
    handed = {
        (topology.accounts[one.folder].id, region, rule["ecrRepositoryPrefix"])
        for one in handovers(topology)
        if "cache-rules.json" in one.files
        for region, rules in json.loads(json.dumps(one.files["cache-rules.json"])).items()
        for rule in rules
    }
    assert not written & handed
    assert written | handed == {
        (topology.accounts[cache.account].id, cache.region, str(cache.prefix))
        for cache in topology.caches
    }
    files = {(one.folder, file) for one in handovers(topology) for file in one.files}
    for grant in topology.grants:
        policy = topology.name_prefix + grant.consumer.policy_name
        own = (grant.scope, policy) in consumer_policies(topology)
        elsewhere = (folder_of(topology, grant.scope), f"{policy}.json") in files
        expected = (grant.identity is not IdentitySide.ELSEWHERE, grant.is_handed_over)
        assert (own, elsewhere) == expected


@settings(max_examples=60, deadline=None)
@given(document=topologies())
def test_no_folder_of_others_is_that_of_an_account(document: Document) -> None:
    with tempfile.TemporaryDirectory() as name:
        topology = read(Path(name), to_yaml(document))

    folders = [one.folder for one in handovers(topology)]

    assert len(set(map(str.lower, folders))) == len(folders)
    for folder in folders:
        assert folder in topology.accounts or "." in folder or folder.isdigit()
