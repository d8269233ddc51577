"""What several commands read before they begin."""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from generator.cli.baselines import read_entries, with_baseline_written
from generator.cli.expectation_rows import expectations_extra
from generator.cli.live_options import LiveInput
from generator.cli.topology_file import sound_topology
from generator.cli.written_code import expected_code, generate_command, what_became_of_it
from generator.frozen_data import frozen
from generator.gate.outcome import Outcome
from generator.model.errors import ToolError
from generator.model.finding import Finding, FindingKind, Question, Severity
from generator.model.proof import Proof, least
from generator.model.reading import Reading, Source
from generator.model.suppression import Suppression
from generator.model.topology import Topology
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.gate.baseline import BaselineEntry
    from generator.gate.expectation_results import Asked
    from generator.gate.suppressions import Suppressor
    from generator.hcl import ReadingSettings
    from generator.model.values import Region
    from generator.policy_files.policy_files import PolicyFile
    from generator.programs.git import Revision
    from generator.state import StateFile

IGNORE_FILE = "forebay-ignore.yaml"
"""The file with accepted results, beside the topology."""

STDIN = Path("<stdin>")
"""How a plan or state is named that comes from standard input (`-`)."""


@frozen
class Inputs:
    """What `drift` and `check` judge: code, plans, states, policies, in any combination.

    Code is judged when it was named, or when nothing else was. `topology` is `None` when none is asked
    for. `seen` takes every reading that is judged, for what is asked of it afterwards.
    """

    topology: Path | None
    code: Path | None
    root: Path | None
    plans: tuple[Path, ...]
    states: tuple[Path, ...]
    policies: tuple["PolicyFile", ...] = ()
    ignore_file: Path | None = None
    baseline: Path | None = None
    write_baseline: Path | None = None
    live: LiveInput | None = None
    seen: "list[Reading]" = field(default_factory=list)

    @property
    def is_code_alone(self) -> bool:
        """Whether nothing but code is judged."""
        return not (self.plans or self.states or self.policies or self.live)


def report_on(
    command: str, judge: "Callable[[Topology, Reading, Suppressor], Outcome]", inputs: Inputs
) -> Report:
    """Read the topology and what was named, judge each by the topology; mistakes stop it."""
    assert inputs.topology is not None  # noqa: S101 - only `check --no-topology` has none
    topology, mistakes = sound_topology(inputs.topology)
    if topology is None:
        return Report.mistakes(command, (*mistakes, *_suppression_file(inputs)[1]))
    from generator.cli.stories import Stories

    stories = Stories(topology)
    return stories.told_in(
        _judged(
            command,
            inputs,
            readings(topology, inputs),
            stories.listening(lambda reading, suppressor: judge(topology, reading, suppressor)),
        )
    )


def report_without_topology(command: str, inputs: Inputs) -> Report:
    """Read what was named, judge it without any topology."""
    from generator.cli.stories import Stories
    from generator.gate.check import check_without_topology

    stories = Stories(None)
    return stories.told_in(
        _judged(command, inputs, readings(None, inputs), stories.listening(check_without_topology))
    )


def _judged(
    command: str,
    inputs: Inputs,
    readings: Iterable[Reading],
    judge: "Callable[[Reading, Suppressor], Outcome]",
) -> Report:
    """Judge each reading, without what was accepted; mistakes in the ignore file stop it."""
    suppressor, mistakes = suppressor_of(inputs, command)
    if mistakes:
        return Report.mistakes(command, mistakes)
    findings: list[Finding] = []
    questions: list[Question] = []
    proofs: list[Proof] = []
    asked: list[Asked] = []
    judged_code = False
    for reading in readings:
        inputs.seen.append(reading)
        if reading.source is Source.CODE:
            judged_code = True
            _take_comments(suppressor, reading, inputs)
        outcome = judge(reading, suppressor)
        questions.extend(outcome.questions)
        findings.extend(outcome.findings)
        asked.extend(outcome.expectations)
        if outcome.proof is not None:
            proofs.append(outcome.proof)
    among = None
    if inputs.topology is None:
        from generator.gate.code_results import RULES

        among = frozenset(RULES)
    return finished(
        command,
        inputs,
        Outcome(
            findings=tuple(findings),
            questions=tuple(questions),
            proof=least(proofs),
            expectations=tuple(asked),
        ),
        suppressor,
        judged_code=judged_code,
        among=among,
    )


def finished(
    command: str,
    inputs: Inputs,
    outcome: Outcome,
    suppressor: "Suppressor",
    *,
    judged_code: bool,
    among: frozenset[str] | None,
) -> Report:
    """The report of what was found, with what is to be said about acceptances of its rules."""
    know_rules(suppressor)
    # What the topology itself says is the same whatever is judged by it.
    once: dict[tuple[object, ...], Finding] = {}
    for finding in outcome.findings:
        once.setdefault((*finding.identity, finding.location), finding)
    report = Report(
        command=command,
        findings=(
            *once.values(),
            *suppressor.findings(command, judged_code=judged_code, among=among),
            *_outdated(suppressor, once.values()),
        ),
        questions=outcome.questions,
        proof=outcome.proof,
        suppressed=len(suppressor.silenced),
        silenced=tuple(suppressor.silenced),
        private=frozenset(
            (*inputs.plans, *inputs.states, *(inputs.live.files if inputs.live else ()))
        ),
        extra=expectations_extra(outcome.expectations),
    )
    if inputs.write_baseline is None:
        return report
    return with_baseline_written(report, inputs.write_baseline, suppressor.baseline)


def _outdated(suppressor: "Suppressor", findings: Iterable[Finding]) -> Iterator[Finding]:
    """What of the baseline did not occur, in a run that could read everything."""
    if suppressor.baseline is None or any(each.kind is FindingKind.ERROR for each in findings):
        return
    if (note := suppressor.baseline.outdated()) is not None:
        yield note


def suppressor_of(inputs: Inputs, command: str) -> "tuple[Suppressor, tuple[Finding, ...]]":
    """What takes accepted results out, with the ignore file read, and the mistakes in that file."""
    from datetime import UTC, datetime

    from generator.gate.suppressions import Suppressor

    accepted, mistakes = _suppression_file(inputs)
    today = datetime.now(tz=UTC).date()
    baseline = None
    if inputs.baseline is not None:
        from generator.gate.baseline import Baseline

        entries = read_entries(inputs.baseline)
        baseline = Baseline(file=inputs.baseline, entries=entries, command=command)
    return Suppressor(suppressions=accepted, today=today, baseline=baseline), mistakes


def know_rules(suppressor: "Suppressor") -> None:
    """Tell which rules there are, and which commands report them, once something is accepted."""
    if suppressor.suppressions:
        from generator.rules.manuals import entries

        suppressor.commands = {entry.name: entry.commands for entry in entries()}


def _suppression_file(inputs: Inputs) -> tuple[tuple[Suppression, ...], tuple[Finding, ...]]:
    """What the ignore file accepts, and what is wrong with it; there need not be one."""
    file = inputs.ignore_file
    if file is None:
        folder = Path() if inputs.topology is None else inputs.topology.parent
        file = folder / IGNORE_FILE
        if not file.exists():
            return (), ()
    elif not file.exists():
        raise ToolError("there is no ignore file", f"There is no file `{file}`.")
    from generator.topology.suppression_file import read_suppression_file

    return read_suppression_file(file)


def _take_comments(suppressor: "Suppressor", reading: Reading, inputs: Inputs) -> None:
    """Hand over the comments of all code that was read, wherever it lies in the project."""
    from generator.disk.project import project_root
    from generator.hcl.suppressions import read_suppressions

    folder = code_folder(inputs.code, inputs.topology)
    files = files_with_comments(reading, folder)
    found, wrong = read_suppressions(files, project_root=project_root(folder, inputs.root))
    suppressor.add(found, wrong)


def files_with_comments(reading: Reading, folder: Path) -> set[Path]:
    """The files in which comments can accept results of a reading of the folder."""
    from generator.hcl.suppressions import files_below

    estate, untouched = reading.estate, reading.untouched
    files = set(files_below(folder, untouched=untouched))
    if any(folder / root.name not in untouched for root in estate.roots):
        files |= {place.span.file for place in estate.places}
        files |= {record.span.file for record in estate.records if record.span is not None}
        files |= {span.file for span in reading.statement_spans.values()}
        # Nor do records of roots that nobody touched lead to such a comment.
        files = {file for file in files if file.parent not in untouched}
    return files


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
    _take_comments(suppressor, now, inputs)
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


def readings(topology: Topology | None, inputs: Inputs) -> Iterator[Reading]:
    """What was named, code first, so that it can say what a plan or state leaves open."""
    if inputs.policies:
        from generator.policy_files.policy_files import read_policy_files

        yield read_policy_files(inputs.policies)
        if inputs.code is None and not (inputs.plans or inputs.states or inputs.live):
            return
    given = [*state_files(inputs.plans), *state_files(inputs.states)]
    code: Reading | None = None
    if inputs.code is not None or not (given or inputs.live):
        from generator.disk.project import project_root
        from generator.hcl import read_code

        folder = code_folder(inputs.code, inputs.topology)
        expected = None if topology is None else expected_code(topology, folder)
        code = read_code(
            folder,
            project_root=project_root(folder, inputs.root),
            topology=topology,
            cache_folder=cache_folder(),
            settings=reading_settings(),
            workers=processors(),
            expected=expected,
        )
        if topology is not None:
            assert inputs.topology is not None  # noqa: S101 - it was read from there
            command = generate_command(inputs.code, inputs.topology)
            told = cache(
                partial(what_became_of_it, topology, folder, command, expected, code.untouched)
            )
            code = replace(code, generated=told)
        yield code
    if given:
        yield from _of_state_files(inputs, given, code)
    if inputs.live is not None:
        from generator.cli.asking import live_reading
        from generator.estate.code_places import placed

        reading = live_reading(topology, inputs.live)
        yield reading if code is None else placed(reading, code)


def _of_state_files(
    inputs: Inputs, given: "Sequence[StateFile]", code: Reading | None
) -> Iterator[Reading]:
    """All plans together and all states together, with what the code says of open values."""
    from generator.estate.plan_from_code import filled
    from generator.state import read_state_files

    for source, files in (
        (Source.PLAN, given[: len(inputs.plans)]),
        (Source.STATE, given[len(inputs.plans) :]),
    ):
        if files:
            reading = read_state_files(files, source)
            yield reading if code is None else filled(reading, code)


def state_files(files: tuple[Path, ...]) -> "Iterator[StateFile]":
    """Open files with plans or states, standard input among them; raises `ToolError`."""
    from generator.disk.places import leads_out
    from generator.disk.reading import read_file
    from generator.state import StateFile
    from generator.state.document import MOST_BYTES

    for file in files:
        if file == STDIN:
            yield StateFile(file=file, content=_from_stdin(MOST_BYTES + 1))
        elif file.is_dir():
            raise ToolError(
                "a plan or state cannot be read", f"`{file}` is a folder; name the file in it."
            )
        elif leads_out(file):
            raise ToolError(
                "a plan or state cannot be read",
                f"`{file}` is, or lies below, a link that leads out of the project. Name the file "
                "that it leads to.",
            )
        else:
            content = read_file(file, limit=MOST_BYTES, may_be_stream=True)
            yield StateFile(file=file, content=content)


def _from_stdin(most: int) -> bytes:
    """What standard input holds; it can be read once, and a run that mends judges twice."""
    import sys

    import click

    kept = click.get_current_context().meta
    if "forebay.stdin" not in kept:
        kept["forebay.stdin"] = sys.stdin.buffer.read(most)
    content: bytes = kept["forebay.stdin"]
    return content


def reading_settings() -> "ReadingSettings":
    """How the command that runs was told to read code."""
    import click

    from generator.cli.invocation import Invocation
    from generator.hcl import Engine, ReadingSettings

    invocation = click.get_current_context().find_object(Invocation)
    assert invocation is not None  # noqa: S101 - main.run() puts it there
    return ReadingSettings(
        engine=Engine(invocation.engine or Engine.TERRAFORM),
        is_engine_chosen=bool(invocation.engine),
        workspace=invocation.workspace,
        variable_files=invocation.variable_files,
        variables=invocation.variables,
        regions=_regions(invocation.regions),
    )


def _regions(given: Iterable[str]) -> "Mapping[str, Region]":
    """The regions by folder, and under `""` the one for all that do not say it."""
    from generator.model.errors import InvalidValueError
    from generator.model.values import Region

    regions: dict[str, Region] = {}
    for text in given:
        folder, equals, name = text.rpartition("=")
        try:
            region = Region.parse(name)
        except InvalidValueError as error:
            raise ToolError(
                "a region is not one",
                f"`--region {text}`: {error}. For code it takes REGION, or FOLDER=REGION.",
            ) from error
        regions[Path(folder or ".").as_posix() if equals else ""] = region
    return regions


def processors() -> int:
    """How many processors this process may use."""
    import os

    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cache_folder() -> Path | None:
    """Where parts that are slow to build are kept between runs; `None` without a home folder."""
    import os

    named = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    if named and Path(named).is_absolute():
        return Path(named) / "forebay"
    try:
        return Path.home() / ".cache" / "forebay"
    except RuntimeError:
        return None


def code_folder(code: Path | None, topology: Path | None) -> Path:
    """The folder with the code: the one that was named, else where `generate` writes."""
    if topology is None:
        folder = Path() if code is None else code
    else:
        folder = topology.parent / "terraform" if code is None else code
    if not folder.is_dir():
        problem = "there is no code to read"
        if folder.exists() or topology is None:
            raise ToolError(problem, f"`{folder}` is not a folder. Name the one with the code.")
        raise ToolError(
            problem,
            f"There is no folder `{folder}`. Name it with `--code`, or write the code first:",
            commands=(generate_command(code, topology),),
        )
    return folder
