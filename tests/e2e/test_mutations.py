"""Break a generated tree in one place: drift names it at its line, check says what it opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from e2e.project import Project, from_example

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "docker-hub-and-ecr-public", "private-to-private"
REGISTRY = "modules/registry-access/main.tf"
UPSTREAM = "modules/upstream-access/main.tf"
PULLER = "modules/puller-access/main.tf"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One change to one file, and what drift and check must say about it.

    `line` is a text of the line to be named, after the change. `check` is the rule that must speak,
    `None` when access stays what it is.
    """

    example: str
    file: str
    old: str
    new: str
    drift: str
    line: str
    check: str | None = None
    check_line: str | None = None
    check_file: str | None = None
    drift_file: str | None = None


MUTATIONS = {
    "a value changed": Mutation(
        example=ONE,
        file="main/main.tf",
        old='upstream_registry_url = "public.ecr.aws"',
        new='upstream_registry_url = "quay.io"',
        drift="different",
        line='"quay.io"',
    ),
    "an upstream prefix changed": Mutation(
        example=TWO,
        file="shop/main.tf",
        old='upstream_repository_prefix = "base-images"',
        new='upstream_repository_prefix = "base"',
        drift="different",
        line='upstream_repository_prefix = "base"',
    ),
    "a block removed": Mutation(
        example=ONE,
        file="main/main.tf",
        old='    ecr-public = {\n      upstream_registry_url = "public.ecr.aws"\n    }\n',
        new="",
        drift="missing",
        line="rules = {",
    ),
    "a block added": Mutation(
        example=ONE,
        file="main/main.tf",
        old="    ecr-public = {",
        new='    quay = {\n      upstream_registry_url = "quay.io"\n    }\n    ecr-public = {',
        drift="unexpected",
        line="quay = {",
    ),
    "an action added to a statement": Mutation(
        example=TWO,
        file=REGISTRY,
        old='    upstream   = ["ecr:BatchGetImage",',
        new='    upstream   = ["ecr:PutImage", "ecr:BatchGetImage",',
        drift="different",
        line="UpstreamBaseImages = {",
        drift_file="platform/access.tf",
        check="grant-undeclared",
        check_line="UpstreamBaseImages = {",
        check_file="platform/access.tf",
    ),
    "a principal widened to *": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='      account_ids    = ["222233334444"]\n'
        '      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]\n',
        new='      account_ids    = ["*"]\n',
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-any-principal",
        check_line="UpstreamBaseImages = {",
    ),
    "a whole account where a role was named": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]\n',
        new="",
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-undeclared",
        check_line="UpstreamBaseImages = {",
    ),
    "a foreign account added": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='      account_ids    = ["222233334444"]\n'
        '      principal_arns = ["arn:aws:iam::222233334444:role/forebay-upstream"]\n',
        new='      account_ids    = ["222233334444", "999988887777"]\n'
        '      principal_arns = ["arn:aws:iam::*:role/forebay-upstream"]\n',
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-outside-topology",
        check_line="UpstreamBaseImages = {",
    ),
    "a prefix widened": Mutation(
        example=TWO,
        file="platform/access.tf",
        old='prefixes       = ["base-images"]',
        new='prefixes       = ["ROOT"]',
        drift="different",
        line="UpstreamBaseImages = {",
        check="grant-undeclared",
        check_line="UpstreamBaseImages = {",
    ),
    "the two trust principals swapped": Mutation(
        example=TWO,
        file=UPSTREAM,
        old="pullthroughcache.ecr.amazonaws.com",
        new="ecr.amazonaws.com",
        drift="different",
        line='Principal = { Service = "ecr.amazonaws.com" }',
        check="trust-wrong-principal",
        check_line='Principal = { Service = "ecr.amazonaws.com" }',
    ),
    "a line changed in a vendored module": Mutation(
        example=TWO,
        file=UPSTREAM,
        old='          "ecr:GetImageCopyStatus",\n',
        new="",
        drift="different",
        line='Sid    = "ReadUpstream"',
        check="grant-missing",
    ),
    "a consumer's policy widened": Mutation(
        example=TWO,
        file="shop/access.tf",
        old='prefixes   = ["platform"]',
        new='prefixes   = ["ROOT"]',
        drift="different",
        line='prefixes   = ["ROOT"]',
        check="identity-undeclared",
        check_line='prefixes   = ["ROOT"]',
    ),
    "a consumer may push": Mutation(
        example=TWO,
        file=PULLER,
        old='    first-pull = ["ecr:BatchGetImage",',
        new='    first-pull = ["ecr:PutImage", "ecr:BatchGetImage",',
        drift="different",
        line="level      =",
        drift_file="shop/access.tf",
        check="identity-undeclared",
    ),
    "a consumer may only pull": Mutation(
        example=TWO,
        file="shop/access.tf",
        old='level      = "first-pull"',
        new='level      = "pull"',
        drift="different",
        line='level      = "pull"',
        check="grant-missing",
    ),
}


def _mutated(mutation: Mutation, folder: Path) -> Project:
    project = from_example(mutation.example, folder)
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
