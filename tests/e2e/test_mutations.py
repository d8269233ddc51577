"""Break a generated tree in one place: drift names it at its line, check says what it opens."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.mutations import MUTATIONS, Mutation
from e2e.project import Project, generated_example

if TYPE_CHECKING:
    from pathlib import Path


def _mutated(mutation: Mutation, folder: Path) -> Project:
    shutil.copytree(generated_example(mutation.example), folder, dirs_exist_ok=True)
    project = Project(folder=folder)
    file = project.file(mutation.file)
    before = file.read_text(encoding="utf-8")
    assert mutation.old in before
    file.write_text(before.replace(mutation.old, mutation.new), encoding="utf-8")
    return project


def _place(project: Project, result: dict[str, object]) -> tuple[str, range]:
    location = result["location"]
    assert isinstance(location, dict)
    lines = range(location["line"], location["end_line"] + 1)
    return str(location["file"]), lines


@pytest.mark.parametrize("name", MUTATIONS)
def test_drift_names_the_one_change_at_its_line(name: str, tmp_path: Path) -> None:
    mutation = MUTATIONS[name]
    project = _mutated(mutation, tmp_path)

    drift = project.judged("drift")

    assert drift.exit_code == 2, drift.stdout
    # What the module has otherwise is the cause of it.
    (result,) = [one for one in drift.results if one["rule"] != "module-edited"]
    assert (result["kind"], result["rule"]) == ("drift", mutation.drift)
    path = mutation.drift_file or mutation.file
    file, lines = _place(project, result)
    assert file == f"terraform/{path}"
    line = project.line_of(path, mutation.line)
    assert line in lines
    assert len(lines) < 15


@pytest.mark.parametrize("name", [name for name, mutation in MUTATIONS.items() if mutation.check])
def test_check_names_changed_access_with_a_witness(name: str, tmp_path: Path) -> None:
    mutation = MUTATIONS[name]
    project = _mutated(mutation, tmp_path)

    check = project.judged("check")

    assert check.exit_code == 2, check.stdout
    found = [result for result in check.results if result["rule"] == mutation.check]
    assert found, check.stdout
    for result in found:
        witness = result["witness"]
        assert isinstance(witness, dict)
        assert witness["principal"]
        assert witness["action"].split(":")[0] in {"ecr", "sts"}
    if mutation.check_line:
        path = mutation.check_file or mutation.file
        line = project.line_of(path, mutation.check_line)
        assert any(
            file == f"terraform/{path}" and line in lines
            for file, lines in (_place(project, result) for result in found)
        )


@pytest.mark.parametrize(
    "name", [name for name, mutation in MUTATIONS.items() if not mutation.check]
)
def test_check_stays_silent_while_access_stays_the_same(name: str, tmp_path: Path) -> None:
    project = _mutated(MUTATIONS[name], tmp_path)

    check = project.judged("check")

    assert check.exit_code == 0, check.stdout
    assert check.results == []
