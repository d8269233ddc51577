"""Keys that a state resolves itself, and objects of which a part is known to differ."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from generator.estate.spellings import Verdict, compare_attribute
from generator.gate.drift import drift_findings
from generator.model.estate import Known, Unknown
from generator.model.reading import Source
from generator.state import StateFile, read_state_files
from generator.topology import read_topology

if TYPE_CHECKING:
    from generator.model.estate import Json

KEY = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
OTHER = KEY.replace("1234abcd", "5678abcd")
TOPOLOGY = """
version: 1
accounts: {main: {id: "111122223333", regions: [eu-west-1]}}
creation_templates: {locked: {encryption: {kms_key: "alias/ecr"}}}
registries: {main: {caches: {quay: {creation_template: locked}}}}
"""


def resource(mode: str, kind: str, name: str, values: dict[str, object]) -> dict[str, object]:
    """One resource of a state."""
    before = "data." if mode == "data" else ""
    return {
        "address": f"{before}{kind}.{name}",
        "mode": mode,
        "type": kind,
        "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "schema_version": 0,
        "values": {"region": "eu-west-1", **values},
    }


def results(folder: Path, used: str, aliases: dict[str, str]) -> set[tuple[str, str]]:
    """What drift says about the template's encryption, when a state holds this key and these aliases."""
    file = folder / "topology.yaml"
    file.write_text(TOPOLOGY, encoding="utf-8")
    topology = read_topology(file).topology
    assert topology is not None
    found = [
        resource(
            "managed",
            "aws_ecr_repository_creation_template",
            "quay",
            {
                "prefix": "quay",
                "registry_id": "111122223333",
                "encryption_configuration": [{"encryption_type": "KMS", "kms_key": used}],
            },
        ),
        *(
            resource("data", "aws_kms_alias", f"k{number}", {"name": name, "target_key_arn": key})
            for number, (name, key) in enumerate(aliases.items())
        ),
    ]
    state = {
        "format_version": "1.0",
        "terraform_version": "1.11.4",
        "values": {"root_module": {"resources": found}},
    }
    state_file = StateFile(file=Path("state.json"), content=json.dumps(state).encode())
    reading = read_state_files([state_file], Source.STATE)
    assert reading.problems == ()
    return {
        (each.kind.value, each.rule)
        for each in drift_findings(topology, reading)
        if "encryption_configuration" in each.title
    }


def test_an_alias_that_the_state_resolves_is_the_key_it_names(tmp_path: Path) -> None:
    assert results(tmp_path, KEY, {"alias/ecr": KEY}) == set()


@pytest.mark.parametrize(
    ("used", "aliases"),
    [(KEY, {}), (KEY, {"alias/ecr": KEY, "alias/other": KEY}), (OTHER, {"alias/ecr": KEY})],
)
def test_a_key_that_the_state_does_not_resolve_stays_open(
    tmp_path: Path, used: str, aliases: dict[str, str]
) -> None:
    assert results(tmp_path, used, aliases) == {("undecided", "different")}


def test_the_key_of_another_alias_is_drift(tmp_path: Path) -> None:
    assert results(tmp_path, KEY, {"alias/other": KEY}) == {("drift", "different")}


NOT_KNOWN = Unknown(reason="it is known only after apply", reference="aws_kms_key.k.arn")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (({"encryption_type": "AES256", "kms_key": NOT_KNOWN},), Verdict.DIFFERENT),
        (({"encryption_type": "KMS", "kms_key": NOT_KNOWN},), Verdict.CANNOT_TELL),
        (({"encryption_type": NOT_KNOWN, "kms_key": OTHER},), Verdict.DIFFERENT),
        ((NOT_KNOWN,), Verdict.CANNOT_TELL),
    ],
)
def test_an_object_differs_where_a_known_part_does(found: Json, expected: Verdict) -> None:
    wanted = Known(value=({"encryption_type": "KMS", "kms_key": KEY},))

    assert compare_attribute("encryption_configuration", wanted, Known(value=found)) is expected
