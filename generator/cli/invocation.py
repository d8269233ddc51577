"""What the user asked of a command, collected while its options are parsed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from generator.frozen_data import frozen
from generator.model.finding import Finding, FindingKind, Severity
from generator.report import DRAWN, Format

if TYPE_CHECKING:
    from generator.cli.watcher import Watcher
    from generator.report.report import Threshold

_Value = TypeVar("_Value")

DEFAULT_TOPOLOGY = Path("topology.yaml")
"""The topology that is read when none is named."""


@frozen
class ReportFile:
    """A report that goes to a file."""

    format: Format
    file: Path


@dataclass(slots=True, kw_only=True)
class Invocation:
    """The options of the command that runs: about its report, and about how it reads code.

    `command` stays empty until they are parsed: before that no document can be promised. `keys` are
    those that the command adds to its JSON document. `verbose` is `None` for commands that show all
    their notes anyway.
    """

    base: Path
    command: str = ""
    keys: tuple[str, ...] = ()
    format: Format = Format.HUMAN
    reports: tuple[ReportFile, ...] = ()
    select: frozenset[str] = frozenset()
    ignore: frozenset[str] = frozenset()
    fail_on: Severity = Severity.LOW
    strict: bool = False
    exit_zero: bool = False
    verbose: bool | None = None
    min_severity: Severity = Severity.INFO
    timeout: float | None = None
    fix: bool = False
    dry_run: bool = False
    engine: str = ""
    workspace: str = ""
    variable_files: tuple[Path, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[str, ...] = ()
    progress: "Watcher | None" = None

    @property
    def threshold(self) -> "Threshold":
        """What makes the exit code."""
        from generator.report.report import Threshold

        return Threshold(fail_on=self.fail_on, strict=self.strict, exit_zero=self.exit_zero)

    @property
    def draws_only(self) -> bool:
        """Whether nobody has asked for rows of text, only for pictures of the topology."""
        return {self.format, *(report.format for report in self.reports)} <= DRAWN

    def selects(self, finding: Finding) -> bool:
        """Whether the finding's rule is selected; errors cannot be left out."""
        if finding.kind is FindingKind.ERROR:
            return True
        if self.select and finding.rule not in self.select:
            return False
        return finding.rule not in self.ignore


@frozen
class Terminal:
    """How the human format is shown on stdout."""

    colour: bool = False
    width: int = 100


def invocation_of(context: click.Context | None = None) -> Invocation:
    """The options of the command that runs, while it runs or while its options are parsed."""
    invocation = (context or click.get_current_context()).find_object(Invocation)
    assert invocation is not None  # noqa: S101 - main.run() puts it there
    return invocation


def once_in_run(name: str, find: Callable[[], _Value]) -> _Value:
    """What `find` gives, kept under a name until the command ends: one that mends judges twice."""
    kept = click.get_current_context().meta
    key = f"forebay.once.{name}"
    if key not in kept:
        kept[key] = find()
    found: _Value = kept[key]
    return found
