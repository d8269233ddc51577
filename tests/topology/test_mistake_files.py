"""Every mistake has a file that shows it, with the text that a person gets to read."""

import os
from pathlib import Path

import pytest

from generator.model.finding import Finding
from generator.topology import read_topology
from generator.topology.mistakes import mistake_rules
from generator.version import version

FOLDER = Path(__file__).parent / "mistakes"
FILES = sorted(FOLDER.glob("*.yaml"))
REWRITE = "REWRITE_SNAPSHOTS"
"""Set this variable to write the expected texts anew; read them before they are committed."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_mistake_is_reported_in_these_words(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)

    reading = read_topology(Path(file.name))

    # No text has to be written anew with each release.
    text = "\n".join(map(rendered, reading.findings)).replace(f"is {version()}.", "is VERSION.")
    if os.environ.get(REWRITE):
        file.with_suffix(".txt").write_text(text, encoding="utf-8")
    assert text == file.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_file_named_after_a_rule_breaks_that_rule(file: Path) -> None:
    names = {rule.name for rule in mistake_rules() if file.stem.startswith(rule.name)}

    found = {finding.rule for finding in read_topology(file).findings}

    assert found
    assert not names or max(names, key=len) in found


def test_every_rule_has_a_file() -> None:
    shown = {file.stem for file in FILES}

    missing = [
        rule.name
        for rule in mistake_rules()
        if not any(stem == rule.name or stem.startswith(f"{rule.name}-") for stem in shown)
    ]

    assert missing == []


def test_every_expected_text_belongs_to_a_file() -> None:
    assert [text.stem for text in sorted(FOLDER.glob("*.txt"))] == [file.stem for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_two_findings_of_one_file_have_two_fingerprints(file: Path) -> None:
    fingerprints = [finding.fingerprint for finding in read_topology(file).findings]

    assert len(set(fingerprints)) == len(fingerprints)


def rendered(finding: Finding) -> str:
    place = finding.location
    assert place is not None
    assert finding.topology == place
    # An included file is named, the mistake's own file is not.
    file = "" if place.file.parent == Path() else f"{place.file.as_posix()}:"
    return (
        f"{file}{place.line}:{place.column}-{place.end_line}:{place.end_column} "
        f"{finding.severity}[{finding.rule}]: {finding.title}\n{finding.message}\n"
    )
