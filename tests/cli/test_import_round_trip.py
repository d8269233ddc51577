"""Whatever the topology: its code, imported, is a topology of which that code has no drift."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from cli_running import forebay
from hypothesis import HealthCheck, example, given, settings
from import_support import drift_of, topology_in

from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree
from generator.intent.records import intend
from generator.model.estate import Kind
from generator.model.finding import Severity
from generator.model.topology import RegistryPolicyMode
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from generator.model.topology import Topology
    from generator.model.values import AccountId

PROPERTY = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def caches(topology: Topology) -> dict[object, object]:
    """The cache rules that a topology asks for, without what only names them."""
    return {
        record.identity: (record.get("upstream_registry_url"), record.get("credential_arn"))
        for record in intend(topology).records
        if record.kind is Kind.CACHE_RULE
    }


def decided(topology: Topology) -> set[AccountId]:
    """The accounts whose registry policies stand in the code."""
    return {
        account.id
        for account in topology.managed_accounts.values()
        if account.registry_policy is not RegistryPolicyMode.EXPORT
    }


def grants(topology: Topology, accounts: set[AccountId]) -> set[tuple[object, ...]]:
    """What a topology grants to roles and accounts, across accounts whose code there is."""
    return {
        (
            topology.accounts[grant.cache.account].id,
            grant.cache.region,
            grant.repositories,
            (topology.consumer_account_id(grant), grant.level),
            grant.consumer.role,
        )
        for grant in topology.grants
        if grant.crosses_accounts
        and topology.accounts[grant.cache.account].id in accounts
        and not (grant.consumer.is_group or grant.consumer.permission_set)
        and not (grant.consumer.role or "").startswith("aws-reserved/")
    }


UPSTREAM_ELSEWHERE: Document = {
    "version": 1,
    "accounts": {"platform": {"id": "000000000000", "regions": ["eu-west-1", "us-east-1"]}},
    "upstreams": {
        "golden": {
            "registry": "ecr",
            "account": "platform",
            "role": "ecr-upstream",
            "region": "eu-west-1",
        }
    },
    "registries": {
        "central": {
            "account": "platform",
            "caches": {"base": {"upstream": "golden", "regions": ["us-east-1"]}},
        }
    },
}
"""A registry whose upstream is another region of its own account, where no code makes anything."""


@PROPERTY
@example(document=UPSTREAM_ELSEWHERE)
@given(document=topologies())
def test_generated_code_imported_has_no_drift_and_the_same_caches_and_grants(
    document: Document,
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        file = folder / "topology.yaml"
        file.write_text(to_yaml(document), encoding="utf-8")
        topology = topology_in(file)
        known = topology_findings(topology, today=date(2026, 1, 1))
        if any(finding.severity is Severity.HIGH for finding in known):
            return
        code = folder / "terraform"
        code.mkdir()
        tree = file_tree(topology)
        apply_write(plan_write(tree, code))
        whose = [f"--account={root.folder}={root.account_id}" for root in tree.roots]

        ran = forebay(folder, "import", "--code", "terraform", "--out", "imported.yaml", *whose)

        if not caches(topology):
            assert ran.code == 3
            return
        imported = topology_in(folder / "imported.yaml")
        assert ran.code in {0, 3}, ran
        assert drift_of(folder / "imported.yaml", code) == []
        assert caches(imported) == caches(topology)
        told, meant = (grants(each, decided(topology)) for each in (imported, topology))
        if ran.code == 0:
            assert told == meant
        # Which role an unattached policy is for, code does not always say.
        assert {each[:4] for each in told} == {each[:4] for each in meant}
