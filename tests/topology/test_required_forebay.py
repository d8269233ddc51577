"""`required_forebay`: which versions of forebay may work with a topology."""

from pathlib import Path

import pytest

from generator import version
from generator.topology import read_topology

TOPOLOGY = """\
version: 1
required_forebay: "{constraint}"
accounts:
  main: {{id: "111122223333", regions: [eu-west-1]}}
registries:
  main: {{caches: {{ecr-public: {{}}}}}}
"""


@pytest.mark.parametrize(
    ("constraint", "installed", "is_right"),
    [
        ("0.2", "0.2.0", True),
        (">= 0.2, < 0.3", "0.2.7", True),
        (">= 0.2, < 0.3", "0.3.0", False),
        ("~> 0.2", "0.9.1", True),
        ("~> 0.2.1", "0.3.0", False),
        ("!= 0.2.1", "0.2.1", False),
        ("> 0.2", "0.2.0", False),
        # A version that is not yet released counts as the one that it will be.
        (">= 0.3", "0.3.0.dev4+g1234", True),
    ],
)
def test_only_a_version_that_fits_works_with_the_topology(
    constraint: str,
    installed: str,
    is_right: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("importlib.metadata.version", lambda name: {"forebay": installed}[name])
    file = tmp_path / "topology.yaml"
    file.write_text(TOPOLOGY.format(constraint=constraint))

    reading = read_topology(file)

    assert (reading.topology is not None) == is_right
    assert [finding.rule for finding in reading.findings] == ["forebay-version"] * (not is_right)
    assert all(f"this is {version.version()}." in each.message for each in reading.findings)
