"""What several commands read before they begin."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import ToolError
from generator.finding import Finding, Severity
from generator.model.reading import Reading, Source
from generator.model.topology import Topology
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.hcl import ReadingSettings
    from generator.policy_files import PolicyFile
    from generator.span import Span
    from generator.state import StateFile

STDIN = Path("<stdin>")
"""How a plan or state is named that comes from standard input (`-`)."""


def topology_mistakes(path: Path) -> tuple[Topology | None, tuple[Finding, ...]]:
    """The topology and everything that is wrong or doubtful about it."""
    from generator.topology import read_topology

    reading = read_topology(path)
    if reading.topology is None:
        return None, reading.findings
    from datetime import UTC, datetime

    from generator.gate import topology_findings

    today = datetime.now(tz=UTC).date()
    return reading.topology, (
        *reading.findings,
        *topology_findings(reading.topology, today=today),
    )


def sound_topology(path: Path) -> tuple[Topology | None, tuple[Finding, ...]]:
    """The topology, or nothing and the mistakes that keep it from being used."""
    topology, findings = topology_mistakes(path)
    mistakes = tuple(finding for finding in findings if finding.severity.rank <= Severity.HIGH.rank)
    if topology is None or mistakes:
        return None, mistakes or findings
    return topology, ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """What `drift` and `check` are asked to judge: code, plans, states, policies, in any combination.

    Code is judged when it was named, or when nothing else was. `topology` is `None` when none is asked
    for.
    """

    topology: Path | None
    code: Path | None
    root: Path | None
    plans: tuple[Path, ...]
    states: tuple[Path, ...]
    policies: tuple["PolicyFile", ...] = ()


def report_on(
    command: str, judge: Callable[[Topology, Reading], tuple[Finding, ...]], inputs: Inputs
) -> Report:
    """Read the topology and what was named, judge each by the topology; mistakes stop it."""
    assert inputs.topology is not None  # noqa: S101 - only `check --no-topology` has none
    topology, mistakes = sound_topology(inputs.topology)
    if topology is None:
        return Report.mistakes(command, mistakes)
    findings: dict[tuple[str, Span | None], Finding] = {}
    for reading in readings(topology, inputs):
        for finding in judge(topology, reading):
            # What the topology itself says is the same whatever is judged by it.
            findings.setdefault((finding.fingerprint, finding.location), finding)
    return Report(
        command=command,
        findings=tuple(findings.values()),
        private=frozenset((*inputs.plans, *inputs.states)),
    )


def report_without_topology(
    command: str, judge: Callable[[Reading], tuple[Finding, ...]], inputs: Inputs
) -> Report:
    """Read what was named, judge it without any topology."""
    findings: dict[tuple[str, Span | None], Finding] = {}
    for reading in readings(None, inputs):
        for finding in judge(reading):
            findings.setdefault((finding.fingerprint, finding.location), finding)
    return Report(
        command=command,
        findings=tuple(findings.values()),
        private=frozenset((*inputs.plans, *inputs.states)),
    )


def report_since(
    judge: Callable[[Topology, Reading, Reading, str], tuple[Finding, ...]],
    inputs: Inputs,
    file: Path,
    revision: str,
) -> Report:
    """Judge the code beside the same code at a revision; mistakes in the topology stop it."""
    from generator.finding import FindingKind
    from generator.hcl import read_code
    from generator.project import project_root
    from generator.revisions import at_revision

    topology, mistakes = sound_topology(file)
    if topology is None:
        return Report.mistakes("check", mistakes)
    folder = code_folder(inputs.code, file)
    project = project_root(folder, inputs.root)
    (now,) = readings(topology, inputs)
    with at_revision(revision, project) as earlier:
        code = earlier.folder / folder.resolve().relative_to(project)
        # A folder that is new has no earlier code: everything in it is added.
        code.mkdir(parents=True, exist_ok=True)
        before = read_code(
            code,
            project_root=earlier.folder,
            topology=topology,
            cache_folder=cache_folder(),
            settings=reading_settings(),
        )
        findings = judge(topology, now, before, revision)
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
    return Report(command="check", findings=(*findings, *notes))


def readings(topology: Topology | None, inputs: Inputs) -> Iterator[Reading]:
    """What was named, code first, so that it can say what a plan or state leaves open."""
    if inputs.policies:
        from generator.policy_files import read_policy_files

        yield read_policy_files(inputs.policies)
        if inputs.code is None and not inputs.plans and not inputs.states:
            return
    state_files = [*_state_files(inputs.plans), *_state_files(inputs.states)]
    code: Reading | None = None
    if inputs.code is not None or not state_files:
        from generator.hcl import read_code
        from generator.project import project_root

        folder = code_folder(inputs.code, inputs.topology)
        code = read_code(
            folder,
            project_root=project_root(folder, inputs.root),
            topology=topology,
            cache_folder=cache_folder(),
            settings=reading_settings(),
            workers=processors(),
        )
        yield code
    if not state_files:
        return
    from generator.filled import filled
    from generator.state import read_state_files

    for source, files in (
        (Source.PLAN, state_files[: len(inputs.plans)]),
        (Source.STATE, state_files[len(inputs.plans) :]),
    ):
        if files:
            reading = read_state_files(files, source)
            yield reading if code is None else filled(reading, code)


def _state_files(files: tuple[Path, ...]) -> "Iterator[StateFile]":
    from generator.state import StateFile
    from generator.state.document import MOST_BYTES

    for file in files:
        if file == STDIN:
            import sys

            yield StateFile(file=file, content=sys.stdin.buffer.read(MOST_BYTES + 1))
        elif file.is_dir():
            raise ToolError(
                "a plan or state cannot be read", f"`{file}` is a folder; name the file in it."
            )
        else:
            with file.open("rb") as stream:
                yield StateFile(file=file, content=stream.read(MOST_BYTES + 1))


def reading_settings() -> "ReadingSettings":
    """How the command that runs was told to read code."""
    import click

    from generator.cli.invocation import Invocation
    from generator.hcl import Engine, ReadingSettings

    invocation = click.get_current_context().find_object(Invocation)
    assert invocation is not None  # noqa: S101 - main.run() puts it there
    return ReadingSettings(
        engine=Engine(invocation.engine),
        variable_files=invocation.variable_files,
        variables=invocation.variables,
    )


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
        import shlex

        problem = "there is no code to read"
        if folder.exists() or topology is None:
            raise ToolError(problem, f"`{folder}` is not a folder. Name the one with the code.")
        command = ["forebay", "generate", "--topology", str(topology)]
        if code is not None:
            command += ["--out", str(code)]
        raise ToolError(
            problem,
            f"There is no folder `{folder}`. Name it with `--code`, or write the code first:",
            commands=(shlex.join(command),),
        )
    return folder
