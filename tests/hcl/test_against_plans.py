"""Our reading of code against real Terraform's plan, and against what an apply then says."""

from __future__ import annotations

import json
import re
import shutil
import sys
from dataclasses import replace
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import Phase, given, settings

from e2e.project import from_example
from exploring import ROUND
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.estate.plan_from_code import filled
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree
from generator.hcl import read_code
from generator.model.finding import Finding, Severity
from generator.model.reading import Source
from generator.model.topology import CredentialValue, RegistryPolicyMode, Topology
from generator.state import StateFile, read_state_files
from generator.topology import read_topology
from hcl.planned import Difference, compare, planned_resources
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from localaws.local import LocalAws
    from terraform.fixtures import TerraformFactory
    from terraform.runner import Terraform

ROOTS = Path(__file__).parent / "roots"
PLATFORM, SHOP = "111122223333", "222233334444"
RANDOM_TOPOLOGIES = 16
# What may be in the place of a policy that is adopted: a statement that lets nobody else in.
OWN_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "ACCOUNT"},
                "Action": "ecr:CreateRepository",
                "Resource": "*",
            }
        ],
    }
)
HIJACKED = '"upstream_registry_url": "stranger.example"'
TODAY = date(2026, 1, 1)
# Roots that act in the account of a role they take, and what must be there before they run.
ACCOUNTS = {"two_regions": SHOP}
SECRETS = {"plain": "ecr-pullthroughcache/docker-hub"}

pytestmark = pytest.mark.slow


def planned_difference(
    terraform: Terraform,
    *,
    account: str,
    project_root: Path,
    code: Path,
    topology: Topology | None = None,
) -> Difference:
    """Plan and apply a root, and compare our reading of it."""
    terraform.init()
    plan = terraform.plan()
    document = terraform.show_json(plan)
    terraform.apply(plan=plan)
    state = terraform.show_json()
    if topology is not None:
        assert_no_drift(topology, document, state, project_root=project_root, code=code)
    planned = planned_resources(document, state)
    return compare(
        terraform.root,
        planned,
        account=account,
        project_root=project_root,
        code=code,
        topology=topology,
    )


def counts(topology: Topology, finding: Finding) -> bool:
    """Whether a finding counts; statements to keep are judged, and may be as wide as they were."""
    is_kept = finding.rule == "wildcard-action" and any(
        account.kept is not None for account in topology.accounts.values()
    )
    # Which key an alias means only KMS knows; a plan or state shows the key.
    is_alias = "`encryption_configuration`" in finding.message and any(
        placed.kms_alias is not None for placed in topology.templates
    )
    return finding.severity.rank <= Severity.LOW.rank and not is_kept and not is_alias


def assert_no_drift(
    topology: Topology,
    plan: dict[str, object],
    state: dict[str, object],
    *,
    project_root: Path,
    code: Path,
) -> None:
    """Whatever the topology, its plan (read beside the code) and then its state say what it says."""
    written = read_code(code, project_root=project_root, topology=topology)
    for source, document in ((Source.PLAN, plan), (Source.STATE, state)):
        file = StateFile(file=Path(f"{source}.json"), content=json.dumps(document).encode())
        reading = read_state_files([file], source)
        if source is Source.PLAN:
            reading = filled(reading, written)
        for found in (drift_findings(topology, reading), check_findings(topology, reading)):
            told = [finding.message for finding in found if counts(topology, finding)]
            assert not told, f"{source}: {told}"
    text = json.dumps(state)
    hosts = sorted({str(cache.upstream_host) for cache in topology.caches})
    for host in hosts:
        # One rule that reads from elsewhere is one difference, and nothing else.
        changed = text.replace(f'"upstream_registry_url": "{host}"', HIJACKED, 1)
        if changed != text:
            file = StateFile(file=Path("state.json"), content=changed.encode())
            drift = drift_findings(topology, read_state_files([file], Source.STATE))
            told = [finding.rule for finding in drift if counts(topology, finding)]
            assert told == ["different"]


@pytest.mark.parametrize("name", sorted(path.name for path in ROOTS.iterdir()))
def test_hand_written_code_is_read_as_terraform_plans_it(
    name: str, tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    root = tmp_path / name
    shutil.copytree(ROOTS / name, root)
    account = ACCOUNTS.get(name, PLATFORM)
    if name in SECRETS:
        secrets = local_aws.client("secretsmanager", account=account)
        secrets.create_secret(Name=SECRETS[name], SecretString="{}")

    difference = planned_difference(
        terraform_factory(root, account=PLATFORM), account=account, project_root=root, code=root
    )

    sys.stdout.write(f"{name}: {difference}\n")
    assert not difference.wrong, "\n".join(difference.wrong)
    assert difference.unknown_only_here + difference.unread == []
    assert difference.known > 5


@pytest.mark.parametrize("example", ["docker-hub-and-ecr-public", "private-to-private"])
def test_an_example_is_read_as_terraform_plans_it(
    example: str, tmp_path: Path, terraform_factory: TerraformFactory
) -> None:
    project = from_example(example, tmp_path)
    accounts = {"main": PLATFORM, "platform": PLATFORM, "shop": SHOP}

    for root in project.roots:
        difference = planned_difference(
            terraform_factory(project.file(root), account=accounts[root]),
            account=accounts[root],
            project_root=tmp_path,
            code=project.code,
            topology=read_topology(tmp_path / "topology.yaml").topology,
        )

        sys.stdout.write(f"{example} {root}: {difference}\n")
        assert not difference.wrong, "\n".join(difference.wrong)
        assert difference.unknown_only_here + difference.unread == []


@pytest.mark.property
def test_generated_code_of_any_topology_is_read_as_terraform_plans_it(
    tmp_path: Path, terraform_factory: TerraformFactory, local_aws: LocalAws
) -> None:
    total = Difference()
    roots = 0

    for topology, folder in random_topologies(tmp_path, RANDOM_TOPOLOGIES):
        local_aws.reset()
        create_existing(topology, local_aws)
        for account in topology.accounts.values():
            root = folder / "terraform" / topology.folder(account.name)
            if not (root / "providers.tf").is_file():
                continue
            acting = account.id if "assume_role" not in read_text(root) else PLATFORM
            roots += 1
            difference = planned_difference(
                terraform_factory(root, account=acting, region=str(account.regions[0])),
                account=account.id,
                project_root=folder,
                code=folder / "terraform",
                topology=topology,
            )
            assert difference.wrong == [], (folder / "topology.yaml").read_text("utf-8")
            total.add(difference)

    sys.stdout.write(f"{roots} roots: {total}\n")
    # Fresh topologies may happen to have few roots that Terraform can plan here.
    assert roots >= (1 if ROUND else RANDOM_TOPOLOGIES // 2)
    assert total.unknown_only_here + total.unread == []


def read_text(root: Path) -> str:
    """The provider blocks of a generated root."""
    return (root / "providers.tf").read_text("utf-8")


def random_topologies(folder: Path, examples: int) -> list[tuple[Topology, Path]]:
    """Random topologies without mistakes, each generated into a folder of its own."""
    numbers = count()
    found: list[tuple[Topology, Path]] = []

    @settings(max_examples=examples, deadline=None, database=None, phases=[Phase.generate])
    @given(document=topologies())
    def write(document: Document) -> None:
        home = folder / f"topology-{next(numbers)}"
        home.mkdir(parents=True)
        # Only what this Terraform is too old for.
        text = re.sub("required_version: .*", "required_version: '>= 1.11'", to_yaml(document))
        (home / "topology.yaml").write_text(text, encoding="utf-8")
        topology = read_topology(home / "topology.yaml").topology
        assert topology is not None
        if any(
            finding.severity is Severity.HIGH
            for finding in topology_findings(topology, today=TODAY)
        ):
            return
        # Their values come from outside of the topology; other tests apply them.
        supplied = {CredentialValue.VARIABLE, CredentialValue.COPY}
        if any(
            cache.credential and cache.credential.value in supplied for cache in topology.caches
        ):
            return
        # Only a plan knows the key behind an alias.
        if any(placed.kms_alias is not None for placed in topology.templates):
            return
        # Nobody answers for a backend here.
        topology = replace(topology, terraform=replace(topology.terraform, backend=None))
        apply_write(plan_write(file_tree(topology), home / "terraform"))
        found.append((topology, home))

    write()
    return found


def create_existing(topology: Topology, local_aws: LocalAws) -> None:
    """Make what the topology says exists already: policies to adopt, secrets, roles to attach to."""
    for account in topology.accounts.values():
        if account.registry_policy is RegistryPolicyMode.ADOPT:
            for region in account.regions:
                client = local_aws.client("ecr", account=account.id, region=str(region))
                client.put_registry_policy(policyText=OWN_POLICY.replace("ACCOUNT", account.id))
    made: set[tuple[str, str, str]] = set()
    for cache in topology.caches:
        credential = cache.credential
        if credential is None or credential.value is not CredentialValue.EXISTING:
            continue
        account = topology.accounts[cache.account].id
        key = (account, str(cache.region), credential.secret)
        if key not in made:
            made.add(key)
            client = local_aws.client("secretsmanager", account=account, region=str(cache.region))
            client.create_secret(Name=credential.secret, SecretString="{}")
    for grant in topology.grants:
        role = grant.consumer.role
        if grant.consumer_account not in topology.accounts:
            continue
        account = topology.accounts[grant.consumer_account]
        key = (account.id, "", role or "")
        if role is None or set(role) & set("*?") or key in made:
            continue
        made.add(key)
        path, _, name = role.rpartition("/")
        client = local_aws.client("iam", account=account.id, region=str(account.regions[0]))
        client.create_role(
            RoleName=name, Path=f"/{path}/" if path else "/", AssumeRolePolicyDocument="{}"
        )
