"""Code that is as `generate` writes it is not parsed, and what it says is the same to the letter."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.cli.written_code import expected_code
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
from generator.gate.check import check_findings
from generator.gate.drift import drift_findings
from generator.gate.mistakes import topology_findings
from generator.generate import file_tree, written_code
from generator.hcl import read_code
from generator.hcl.root import RootReader
from generator.intent.records import intend
from generator.model.estate import Kind
from generator.model.expected import Expected
from generator.model.finding import Severity
from generator.model.values import AccountId
from generator.topology import read_topology
from topology.strategies import Document, to_yaml, topologies

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.model.reading import Reading
    from generator.model.topology import Topology

PROPERTY = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

ALIKE = """\
version: 1
defaults: {regions: [eu-west-1, us-east-1]}
accounts:
  shop: {id: "111111111111", registry_policy: create}
  a-team-with-a-long-name: {id: "222222222222", registry_policy: create}
  ops: {id: "333333333333", registry_policy: create}
upstreams:
  docker-hub: {credential: {secret: ecr-pullthroughcache/docker-hub, value: placeholder}}
creation_templates:
  standard: {repository_tags: {managed-by: forebay}}
registries:
  all:
    accounts: all
    creation_templates: {ROOT: standard}
    caches: {docker-hub: {}, quay: {}, kubernetes: {}}
    grants:
      - {to: {role: eks-node}, allow: first-pull}
      - {to: {account: shop, role: ci}, allow: pull}
"""


def topology_in(folder: Path, text: str = ALIKE) -> Topology:
    file = folder / "topology.yaml"
    file.write_text(text, encoding="utf-8")
    reading = read_topology(file)
    assert reading.topology is not None, reading.findings
    return reading.topology


def write(topology: Topology, folder: Path) -> Path:
    code = folder / "terraform"
    apply_write(plan_write(file_tree(topology), code))
    code.mkdir(exist_ok=True)
    return code


def told(reading: Reading) -> list[str]:
    """Everything that a reading says, places included."""
    estate = reading.estate
    records = [
        replace(record, attributes=dict(record.attributes.items())) for record in estate.records
    ]
    blocks = [replace(block, names=dict(block.names)) for block in reading.named_blocks]
    parts = (
        records,
        estate.places,
        estate.roots,
        reading.problems,
        reading.statement_spans.items(),
        reading.unread_modules,
        blocks,
    )
    return [repr(item) for part in parts for item in part]


def read_twice(code: Path, topology: Topology) -> tuple[Reading, Reading]:
    """What the code says without and with what is expected of it."""
    expected = Expected(tree=written_code(topology), estate=intend(topology))
    parsed = read_code(code, project_root=code.parent, topology=topology)
    known = read_code(code, project_root=code.parent, topology=topology, expected=expected)
    return parsed, known


def judged(topology: Topology, reading: Reading) -> list[str]:
    return [
        repr(finding)
        for judge in (drift_findings, check_findings)
        for finding in judge(topology, reading)
    ]


@pytest.fixture
def read_roots(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the roots that were really read."""
    names: list[str] = []
    real = RootReader.read

    def read(self: RootReader, folder: Path) -> object:
        names.append(folder.name)
        return real(self, folder)

    monkeypatch.setattr(RootReader, "read", read)
    return names


def test_one_root_of_a_shape_is_read(tmp_path: Path, read_roots: list[str]) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    expected = Expected(tree=written_code(topology), estate=intend(topology))

    read_code(code, project_root=tmp_path, topology=topology, expected=expected)

    # The account whose role pulls from all others has a shape of its own.
    assert sorted(read_roots) == ["a-team-with-a-long-name", "shop"]


def test_roots_that_name_roles_of_others_have_one_shape(
    tmp_path: Path, read_roots: list[str]
) -> None:
    text = ALIKE.replace("managed-by: forebay}", "managed-by: forebay}, role: ecr/maker")
    topology = topology_in(tmp_path, text)
    code = write(topology, tmp_path)
    expected = Expected(tree=written_code(topology), estate=intend(topology))

    known = read_code(code, project_root=tmp_path, topology=topology, expected=expected)

    assert sorted(read_roots) == ["a-team-with-a-long-name", "shop"]
    assert told(known) == told(read_code(code, project_root=tmp_path, topology=topology))


DOCUMENTS = """\
version: 1
defaults: {regions: [eu-west-1]}
accounts:
  shop: {id: "111111111111", registry_policy: create, keep_statements: {file: kept.json}}
  ops: {id: "333333333333", registry_policy: create, keep_statements: {file: kept.json}}
  web: {id: "555555555555", registry_policy: create, keep_statements: {file: kept.json}}
creation_templates:
  short: {repository_tags: {"m:x": "1", "a:x": "2"}, lifecycle: {keep_images: 5}}
  other: {repository_tags: {"z:x": "1", "a:x": "2"}, lifecycle: {keep_images: 5}}
  whole:
    repository_tags: {"b:c": "1", "a:x": "2", m: "3"}
    lifecycle: {file: lifecycle.json}
    repository_policy: {file: policy.json}
registries:
  some: {accounts: [shop, ops], caches: {quay: {creation_template: short}, k8s: {upstream: kubernetes, creation_template: whole}}}
  web: {accounts: [web], caches: {quay: {creation_template: other}, k8s: {upstream: kubernetes, creation_template: whole}}}
"""
KEPT = """[
{"Sid": "Kept", "Resource": ["arn:{partition}:ecr:{region}:{account_id}:repository/*"], "Effect": "Allow",
 "Principal": {"AWS": "arn:{partition}:iam::999988887777:root"}, "Action": "ecr:ReplicateImage",
 "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": "999988887777"},
  "Bool": {"aws:SecureTransport": "true"}}}
]
"""
LIFECYCLE = """{"rules": [
{"selection": {"countNumber": 5, "tagStatus": "any", "countType": "imageCountMoreThan"}, "rulePriority": 2,
 "action": {"type": "expire"}},
{"rulePriority": 1, "action": {"type": "expire"},
 "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 9}}
]}
"""


def test_documents_have_their_keys_in_the_order_of_the_code(
    tmp_path: Path, read_roots: list[str]
) -> None:
    (tmp_path / "kept.json").write_text(KEPT, encoding="utf-8")
    (tmp_path / "lifecycle.json").write_text(LIFECYCLE, encoding="utf-8")
    policy = (
        '{"Statement": ' + KEPT.replace(',\n  "Bool"', ', "Bool"') + ', "Version": "2012-10-17"}'
    )
    (tmp_path / "policy.json").write_text(
        policy.replace(
            '"Resource": ["arn:{partition}:ecr:{region}:{account_id}:repository/*"], ', ""
        ),
        encoding="utf-8",
    )
    topology = topology_in(tmp_path, DOCUMENTS)
    code = write(topology, tmp_path)
    expected = Expected(tree=written_code(topology), estate=intend(topology))

    known = read_code(code, project_root=tmp_path, topology=topology, expected=expected)

    # Names of tags are no values: where one differs, the order may.
    assert sorted(read_roots) == ["ops", "web"]
    assert told(known) == told(read_code(code, project_root=tmp_path, topology=topology))


def test_nothing_is_known_without_being_told(tmp_path: Path, read_roots: list[str]) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)

    read_code(code, project_root=tmp_path, topology=topology)

    assert len(read_roots) == 3


@PROPERTY
@given(document=topologies(), data=st.data())
def test_what_is_known_is_what_parsing_says(document: Document, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        topology = topology_in(folder, to_yaml(document))
        known = topology_findings(topology, today=date(2026, 1, 1))
        if any(finding.severity is Severity.HIGH for finding in known):
            return
        code = write(topology, folder)
        files = sorted(path for path in code.rglob("*") if path.is_file())
        for path in data.draw(st.lists(st.sampled_from(files or [code]), max_size=2)):
            if path.is_file():
                damage(path, data)

        parsed, known_reading = read_twice(code, topology)

        assert told(known_reading) == told(parsed)
        assert judged(topology, known_reading) == judged(topology, parsed)


def damage(path: Path, data: st.DataObject) -> None:
    """Change a file in one place, or take it away."""
    content = path.read_bytes()
    place = data.draw(st.integers(0, max(len(content) - 1, 0)))
    match data.draw(st.sampled_from(["cut", "letter", "line", "gone"])):
        case "cut":
            path.write_bytes(content[:place] + content[place + 1 :])
        case "letter":
            path.write_bytes(content[:place] + b"x" + content[place + 1 :])
        case "line":
            path.write_bytes(content[:place] + b"\n" + content[place:])
        case _:
            path.unlink()


@pytest.mark.parametrize("account", ["shop", "ops"])
def test_any_byte_that_differs_switches_it_off_for_that_root(
    tmp_path: Path, account: str, read_roots: list[str]
) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    expected = Expected(tree=written_code(topology), estate=intend(topology))
    for file in sorted((code / account).glob("*.*")):
        if file.name in {".forebay.json", ".terraform.lock.hcl", "README.md"}:
            continue
        content = file.read_bytes()
        for place in range(0, len(content), 397):
            file.write_bytes(content[:place] + b"#" + content[place + 1 :])
            if content[place : place + 1] == b"#":
                continue
            read_roots.clear()

            read_code(code, project_root=tmp_path, topology=topology, expected=expected)

            # A root that can no longer be parsed at all is no root that is read.
            others = {"shop", "a-team-with-a-long-name", "ops"} - {account}
            assert account in read_roots or others >= set(read_roots)
            if account in read_roots:
                assert set(read_roots) != others
        file.write_bytes(content)


def add_override(root: Path) -> None:
    (root / "override.tf").write_text(
        'module "cache_eu_west_1" {\n  rules = {}\n}\n', encoding="utf-8"
    )


def add_tofu(root: Path) -> None:
    (root / "main.tofu").write_text("locals {}\n", encoding="utf-8")


def add_values(root: Path) -> None:
    (root / "x.auto.tfvars").write_text('it = "x"\n', encoding="utf-8")


def change_a_module(root: Path) -> None:
    file = root.parent / "modules" / "pull-through-cache" / "main.tf"
    file.write_text(file.read_text(encoding="utf-8") + "\n", encoding="utf-8")


def add_to_a_module(root: Path) -> None:
    (root.parent / "modules" / "pull-through-cache" / "more.tf").write_text(
        'resource "aws_ecr_registry_policy" "open" {\n  policy = "{}"\n}\n', encoding="utf-8"
    )


def link_a_file(root: Path) -> None:
    target = root.parent / "elsewhere.txt"
    shutil.move(root / "main.tf", target)
    (root / "main.tf").symlink_to(target)


def call_the_root(root: Path) -> None:
    caller = root.parent / "caller"
    caller.mkdir()
    (caller / "main.tf").write_text(
        f'provider "aws" {{\n  region = "eu-west-1"\n}}\n\nmodule "it" {{\n  source = "../{root.name}"\n}}\n',
        encoding="utf-8",
    )


def take_the_manifest(root: Path) -> None:
    (root / ".forebay.json").unlink()


def accept_a_result(root: Path) -> None:
    file = root / "main.tf"
    text = file.read_text(encoding="utf-8")
    file.write_text(f'# forebay: ignore[different] reason="x"\n{text}', encoding="utf-8")


CHANGES = (
    add_override,
    add_tofu,
    add_values,
    change_a_module,
    add_to_a_module,
    link_a_file,
    call_the_root,
    take_the_manifest,
    accept_a_result,
)


@pytest.mark.parametrize("account", ["shop", "ops"])
@pytest.mark.parametrize("change", CHANGES)
def test_what_lies_beside_the_files_counts(
    tmp_path: Path, change: Callable[[Path], None], account: str
) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    change(code / account)

    parsed, known = read_twice(code, topology)

    assert told(known) == told(parsed)
    assert judged(topology, known) == judged(topology, parsed)
    if change is not call_the_root:
        assert code / account not in known.untouched


def test_a_root_that_is_initialised_is_untouched(tmp_path: Path) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    (code / "shop" / ".terraform.lock.hcl").write_text("# locked\n", encoding="utf-8")
    (code / "shop" / ".terraform" / "modules").mkdir(parents=True)

    parsed, known = read_twice(code, topology)

    assert code / "shop" in known.untouched
    assert told(known) == told(parsed)


def test_a_root_whose_readme_was_edited_is_untouched(tmp_path: Path) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    (code / "shop" / "README.md").write_text("Ours.\n", encoding="utf-8")
    (code / "ops" / "README.md").unlink()

    parsed, known = read_twice(code, topology)

    assert {code / "shop", code / "ops"} <= known.untouched
    assert told(known) == told(parsed)


def test_roots_that_took_something_over_are_untouched(
    tmp_path: Path, read_roots: list[str]
) -> None:
    topology = topology_in(tmp_path)
    code = tmp_path / "terraform"
    rules = [
        record.address
        for record in intend(topology).records
        if record.root == "shop" and record.kind is Kind.CACHE_RULE
    ]
    taken = {rules[0]: None, rules[1]: "aws_ecr_pull_through_cache_rule.before"}
    tree = file_tree(topology, {"shop": taken, "a-team-with-a-long-name": taken, "ops": taken})
    assert all("adopt.tf" in root.files for root in tree.roots)
    apply_write(plan_write(tree, code))
    expected = expected_code(topology, code)

    known = read_code(code, project_root=tmp_path, topology=topology, expected=expected)

    assert len(known.untouched) == 3
    assert sorted(read_roots) == ["a-team-with-a-long-name", "shop"]
    assert told(known) == told(read_code(code, project_root=tmp_path, topology=topology))
    # What is taken over is what the manifest says, and not whatever stands in the file.
    (code / "ops" / "adopt.tf").write_text("# by hand\n", encoding="utf-8")
    known = read_code(code, project_root=tmp_path, topology=topology, expected=expected)
    assert len(known.untouched) == 2


def test_an_intent_that_is_not_what_was_written_is_not_believed(tmp_path: Path) -> None:
    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    wanted = intend(topology)
    wrong = tuple(
        replace(record, key="another") if record.key == "quay" else record
        for record in wanted.records
    )
    expected = Expected(tree=written_code(topology), estate=replace(wanted, records=wrong))

    known = read_code(code, project_root=tmp_path, topology=topology, expected=expected)

    assert told(known) == told(read_code(code, project_root=tmp_path, topology=topology))


def test_what_a_person_says_about_roots_is_evaluated(tmp_path: Path) -> None:
    from generator.hcl import ReadingSettings

    topology = topology_in(tmp_path)
    code = write(topology, tmp_path)
    expected = Expected(tree=written_code(topology), estate=intend(topology))
    given = ReadingSettings(accounts={"shop": AccountId("999999999999")})

    known = read_code(
        code, project_root=tmp_path, topology=topology, settings=given, expected=expected
    )

    assert known.untouched == frozenset()
