"""What several commands read before they begin."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from generator.errors import ToolError
from generator.finding import Finding, Severity
from generator.model.topology import Topology
from generator.report.report import Report

if TYPE_CHECKING:
    from generator.hcl import CodeReading, ReadingSettings


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


def report_on_code(
    command: str,
    judge: Callable[[Topology, "CodeReading"], tuple[Finding, ...]],
    *,
    topology: Path,
    code: Path | None,
    root: Path | None,
) -> Report:
    """Read a topology and code, judge the one by the other, and report; mistakes stop it."""
    read, mistakes = sound_topology(topology)
    if read is None:
        return Report.mistakes(command, mistakes)
    folder = code_folder(code, topology)
    from generator.hcl import read_code
    from generator.project import project_root

    reading = read_code(
        folder,
        project_root=project_root(folder, root),
        topology=read,
        cache_folder=cache_folder(),
        settings=reading_settings(),
    )
    return Report(command=command, findings=judge(read, reading))


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


def code_folder(code: Path | None, topology: Path) -> Path:
    """The folder with the code: the one that was named, else where `generate` writes."""
    folder = topology.parent / "terraform" if code is None else code
    if not folder.is_dir():
        import shlex

        problem = "there is no code to read"
        if folder.exists():
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
