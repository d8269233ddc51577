"""A registry policy is written in the first form that fits, and every form means the same."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from gate_support import TODAY
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.iam import PolicyKind, parse_policy, same_meaning
from generator.intent.registry_forms import RegistryPolicyForm
from generator.intent.registry_policies import (
    policy_size,
    registry_policy_document,
    registry_statements,
    statement_forms,
)
from generator.model.values import AccountId, Region
from generator.topology import read_topology

if TYPE_CHECKING:
    from generator.model.topology import Topology

MAIN, REGION = AccountId("111122223333"), Region.parse("eu-west-1")
PREFIXES = ("quay", "ecr-public", "k8s", "team-with-a-name")


def account_id(number: int) -> str:
    """The id of one of many accounts."""
    return f"{200_000_000_000 + number}"


def read(folder: Path, grants: list[tuple[int, str]]) -> Topology:
    """A topology that lets roles of other accounts pull everything: account number and role."""
    lines = ["version: 1", "defaults: {regions: [eu-west-1]}", "accounts:"]
    lines.append(f'  main: {{id: "{MAIN}", registry_policy: create}}')
    numbers = sorted({number for number, _ in grants})
    lines += [f'  a{number}: {{id: "{account_id(number)}"}}' for number in numbers]
    lines += ["registries:", "  main:", "    caches:"]
    lines += [f"      {prefix}: {{upstream: quay}}" for prefix in PREFIXES]
    lines += ["    grants:", "      - allow: pull", "        to:"]
    lines += [
        f'          - {{account: a{number}, role: "{role}", identity: elsewhere}}'
        for number, role in grants
    ]
    file = folder / "topology.yaml"
    file.write_text("\n".join(lines), encoding="utf-8")
    reading = read_topology(file)
    assert reading.topology is not None, reading.findings
    return reading.topology


def test_a_policy_that_fits_names_every_role(tmp_path: Path) -> None:
    topology = read(tmp_path, [(1, "eks-node"), (2, "eks-node")])

    (statement,) = registry_statements(topology)["main", REGION]

    assert statement.principal_arns == (
        f"arn:aws:iam::{account_id(1)}:role/eks-node",
        f"arn:aws:iam::{account_id(2)}:role/eks-node",
    )


def test_many_accounts_share_the_name_of_their_role_and_the_grants_stay_exact(
    tmp_path: Path,
) -> None:
    topology = read(tmp_path, [(number, "eks-node") for number in range(200)])

    assert topology_findings(topology, today=TODAY) == ()
    (statement,) = registry_statements(topology)["main", REGION]
    assert statement.principal_arns == ("arn:aws:iam::*:role/eks-node",)
    assert len(statement.account_ids) == 200
    document = registry_policy_document(topology, "main", REGION, (statement,))
    assert policy_size(document) < 10_240
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))
    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)
    found = (*drift_findings(topology, reading), *check_findings(topology, reading))
    assert {finding.rule for finding in found} == {"identity-elsewhere"}


def test_roles_of_different_accounts_do_not_share_a_statement(tmp_path: Path) -> None:
    grants = [(number, "eks-node") for number in range(200)] + [(3, "ci"), (4, "ci"), (5, "edge")]
    topology = read(tmp_path, grants)

    statements = registry_statements(topology)["main", REGION]

    assert {statement.principal_arns: len(statement.account_ids) for statement in statements} == {
        ("arn:aws:iam::*:role/eks-node",): 200,
        ("arn:aws:iam::*:role/ci",): 2,
        (f"arn:aws:iam::{account_id(5)}:role/edge",): 1,
    }


def test_accounts_with_roles_that_all_differ_are_conditions_on_everybody(tmp_path: Path) -> None:
    topology = read(tmp_path, [(number, f"deployer-{number}") for number in range(180)])

    assert topology_findings(topology, today=TODAY) == ()
    (statement,) = registry_statements(topology)["main", REGION]
    assert statement.account_ids == ()
    assert len(statement.principal_arns) == 180
    document = registry_policy_document(topology, "main", REGION, (statement,))
    assert policy_size(document) <= 10_240
    apply_write(plan_write(file_tree(topology), tmp_path / "terraform"))
    reading = read_code(tmp_path / "terraform", project_root=tmp_path, topology=topology)
    found = (*drift_findings(topology, reading), *check_findings(topology, reading))
    assert {finding.rule for finding in found} == {"identity-elsewhere"}


@pytest.mark.parametrize(
    ("accounts", "alike", "form"),
    [
        (1, True, RegistryPolicyForm.EACH_ROLE),
        (1, False, RegistryPolicyForm.EACH_ROLE),
        (100, True, RegistryPolicyForm.EACH_ROLE),
        (100, False, RegistryPolicyForm.EACH_ROLE),
        (200, False, RegistryPolicyForm.CONDITIONS),
        (600, True, RegistryPolicyForm.SHARED_NAMES),
        (600, False, None),
        (2_000, True, None),
        (2_000, False, None),
    ],
)
def test_a_registry_policy_takes_the_first_form_that_fits(
    accounts: int, alike: bool, form: RegistryPolicyForm | None, tmp_path: Path
) -> None:
    names = ["node" if alike else f"node-{number}" for number in range(accounts)]
    topology = read(tmp_path, list(enumerate(names)))
    (forms,) = statement_forms(topology).values()
    sizes = {
        each: policy_size(registry_policy_document(topology, "main", REGION, statements))
        for each, statements in forms.items()
    }

    chosen = registry_statements(topology)["main", REGION]

    assert next((each for each, size in sizes.items() if size <= 10_240), None) is form
    smallest = form or min(sizes, key=sizes.__getitem__)
    assert chosen == forms[smallest]
    mistakes = [
        found.message
        for found in topology_findings(topology, today=TODAY)
        if found.rule == "policy-too-large"
    ]
    assert len(mistakes) == (form is None)
    for message in mistakes:
        assert all(f"{each.value[1:]}: {size:,}" in message for each, size in sizes.items())


def test_a_policy_that_fits_in_no_form_is_a_mistake_with_the_size_of_each(tmp_path: Path) -> None:
    topology = read(tmp_path, [(number, f"a-role-of-its-own-{number}") for number in range(200)])

    (found,) = topology_findings(topology, today=TODAY)

    assert found.rule == "policy-too-large"
    for form in RegistryPolicyForm:
        (statements,) = (forms[form] for forms in statement_forms(topology).values())
        document = registry_policy_document(topology, "main", REGION, statements)
        assert f"{policy_size(document):,}" in found.message


@settings(max_examples=40, deadline=None)
@given(
    grants=st.lists(
        st.tuples(st.integers(1, 4), st.sampled_from(["node", "ci/b", "node-*", "*", "edge?"])),
        min_size=1,
        max_size=8,
        unique=True,
    )
)
def test_every_form_means_the_same(grants: list[tuple[int, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        topology = read(Path(name), grants)

    (forms,) = statement_forms(topology).values()

    first, *others = (
        parse_policy(
            registry_policy_document(topology, "main", REGION, forms[form]), source=form.name
        )
        for form in RegistryPolicyForm
    )
    for other in others:
        same = same_meaning(first, other, kind=PolicyKind.REGISTRY, account=MAIN, region=REGION)
        assert same is True
