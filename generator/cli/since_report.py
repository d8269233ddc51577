"""The report of `check --since`: the code beside the same code at a revision."""

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.acceptances import IGNORE_FILE, know_rules, suppressor_of, take_comments
from generator.cli.baselines import read_entries
from generator.cli.expectation_rows import expectations_extra
from generator.cli.inputs import Inputs, cache_folder, code_folder, reading_settings, readings
from generator.cli.topology_file import sound_topology
from generator.model.errors import ToolError
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.topology import Topology
from generator.report.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable

    from generator.gate.baseline import BaselineEntry
    from generator.gate.outcome import Outcome
    from generator.gate.suppressions import Suppressor
    from generator.model.reading import Reading
    from generator.model.suppression import Suppression
    from generator.programs.git import Revision


def report_since(
    judge: "Callable[[Topology, Reading, Reading, str, Suppressor], Outcome]",
    inputs: Inputs,
    file: Path,
    revision: str,
) -> Report:
    """Judge the code beside the same code at a revision; mistakes in the topology stop it."""
    from generator.cli.access import access_at, access_object, access_table
    from generator.disk.project import project_root
    from generator.hcl import read_code
    from generator.programs.git import at_revision

    topology, mistakes = sound_topology(file)
    suppressor, more = suppressor_of(inputs, "check")
    if topology is None or more:
        return Report.mistakes("check", (*mistakes, *more))
    folder = code_folder(inputs.code, file)
    project = project_root(folder, inputs.root)
    (now,) = readings(topology, inputs)
    take_comments(suppressor, now, inputs)
    with at_revision(revision, project, beside=file.parent) as earlier:
        code = earlier.folder / folder.resolve().relative_to(project)
        # A folder that is new has no earlier code: everything in it is added. No link of the earlier
        # tree leads out of it.
        try:
            code.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ToolError(
                "the revision cannot be read",
                f"At `{revision}`, `{folder}` was no folder: {error.strerror}.",
            ) from error
        before = read_code(
            code,
            project_root=earlier.folder,
            topology=topology,
            cache_folder=cache_folder(),
            settings=reading_settings(),
        )
        outcome = judge(topology, now, before, revision, suppressor)
        before_change = _earlier_topology(file, earlier, project)
        about_change = _about_yardsticks(
            topology, before_change, suppressor, inputs, earlier, folder=folder, project=project
        )
        access = access_at(now, topology, before, before_change or topology)
    notes = tuple(
        Finding(
            kind=FindingKind.FINDING,
            rule="since",
            severity=Severity.INFO,
            title="A part of the earlier code was not read",
            message=f"`{path}` is {why}, so what it held at `{revision}` counts as not there.",
            subject=path,
        )
        for paths, why in (
            (earlier.submodules, "a submodule"),
            (earlier.left_out, "too large or has a name that cannot be written"),
        )
        for path in paths
    )
    know_rules(suppressor)
    # What an old result needs is not seen here, so nothing is called unused.
    about = suppressor.findings("check", judged_code=False)
    return Report(
        command="check",
        topology=topology,
        earlier_topology=before_change,
        findings=(*about_change, *outcome.findings, *notes, *about),
        questions=outcome.questions,
        proof=outcome.proof,
        suppressed=len(suppressor.silenced),
        silenced=tuple(suppressor.silenced),
        tables=(access_table(access, revision),),
        extra={
            "access": access_object(access),
            **expectations_extra(outcome.expectations),
        },
    )


def _earlier_topology(file: Path, earlier: "Revision", project: Path) -> Topology | None:
    """The topology as it was at the revision; none where it was not there, or not right."""
    from generator.topology import read_topology

    real = file.resolve()
    if not real.is_relative_to(project):
        return None
    with contextlib.suppress(ToolError):
        return read_topology(earlier.folder / real.relative_to(project)).topology
    return None


def _about_yardsticks(
    topology: Topology,
    before: Topology | None,
    suppressor: "Suppressor",
    inputs: Inputs,
    earlier: "Revision",
    *,
    folder: Path,
    project: Path,
) -> tuple[Finding, ...]:
    """What the change accepts, declares or trusts that the earlier revision does not."""
    from generator.gate.yardsticks import Yardsticks, yardstick_findings
    from generator.hcl.suppressions import files_below, read_suppressions

    def then(path: Path) -> Path | None:
        """Where a file of today lies in the earlier tree; none outside of the project."""
        real = path.resolve()
        return earlier.folder / real.relative_to(project) if real.is_relative_to(project) else None

    accepted: list[Suppression] = []
    assert inputs.topology is not None  # noqa: S101 - `--since` has one
    ignore_file = inputs.ignore_file or inputs.topology.parent / IGNORE_FILE
    if (file := then(ignore_file)) is not None and file.exists():
        from generator.topology.suppression_file import read_suppression_file

        with contextlib.suppress(ToolError):
            accepted.extend(read_suppression_file(file)[0])
    known: tuple[BaselineEntry, ...] = ()
    if inputs.baseline is not None and (file := then(inputs.baseline)) is not None:
        with contextlib.suppress(ToolError):
            known = read_entries(file)
    if (code := then(folder)) is not None:
        accepted.extend(read_suppressions(files_below(code), project_root=earlier.folder)[0])
    return tuple(
        yardstick_findings(
            Yardsticks(
                folder=project,
                topology=topology,
                suppressions=suppressor.suppressions,
                baseline=None if suppressor.baseline is None else suppressor.baseline.entries,
            ),
            Yardsticks(
                folder=earlier.folder,
                topology=before,
                suppressions=tuple(accepted),
                baseline=known,
            ),
            earlier.name,
            inputs.baseline,
        )
    )
