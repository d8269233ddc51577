"""The report of one command: its results, and what they mean for the exit code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from generator.model.errors import ExitCode
from generator.model.finding import Finding, FindingKind, Question, Severity

if TYPE_CHECKING:
    from generator.model.suppression import Silenced

Plain: TypeAlias = "str | int | bool | tuple[Plain, ...] | Mapping[str, Plain] | None"
"""What a command adds to its JSON document beside the results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """From which severity on a result counts for the exit code; errors always count."""

    fail_on: Severity = Severity.LOW
    strict: bool = False
    exit_zero: bool = False

    def counts(self, severity: Severity) -> bool:
        """Whether a finding or drift of that severity makes the exit code 2."""
        return severity.rank <= self.fail_on.rank or (
            self.strict and severity.rank <= Severity.WARNING.rank
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that a command has to say.

    Paths are shown relative to `base`. `text` is what the human format shows before the findings
    (tables, lists of files), `extra` the keys that the JSON document has beside the results.
    `stopped` is the exit code of a command that could not do its work, whatever the findings say;
    `questions` are what a green run proves, `silenced` the results that a person accepted.
    `private` files are named but never quoted: plans and states hold secrets.
    `changes` says that files would change. `text_alone` says that other programs read the
    text: stdout gets nothing else in the human format, and the findings go to stderr. `keeps_order`
    says that the command has put its findings in an order of its own.
    """

    command: str
    findings: tuple[Finding, ...]
    base: Path = Path()
    suppressed: int = 0
    text: str = ""
    extra: Mapping[str, Plain] = field(default_factory=dict)
    stopped: ExitCode | None = None
    changes: bool = False
    private: frozenset[Path] = frozenset()
    questions: tuple[Question, ...] = ()
    silenced: "tuple[Silenced, ...]" = ()
    text_alone: bool = False
    keeps_order: bool = False
    threshold: Threshold = field(default_factory=Threshold)

    @classmethod
    def mistakes(cls, command: str, findings: tuple[Finding, ...]) -> "Report":
        """The report of a command that cannot begin because of mistakes in the topology."""
        return cls(command=command, findings=findings, stopped=ExitCode.ERROR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many results of each kind there are.

    Results of severity `warning` are counted as warnings only, `info` not at all; errors are
    errors, whatever their severity.
    """

    drift: int
    findings: int
    undecided: int
    errors: int
    warnings: int
    suppressed: int
    exit_code: ExitCode


def summarise(report: Report) -> Summary:
    """Count the results and work out the exit code."""

    def count(kind: FindingKind) -> int:
        return sum(finding.kind is kind and _is_serious(finding) for finding in report.findings)

    return Summary(
        drift=count(FindingKind.DRIFT),
        findings=count(FindingKind.FINDING),
        undecided=count(FindingKind.UNDECIDED),
        errors=count(FindingKind.ERROR),
        warnings=sum(
            finding.severity is Severity.WARNING and not _is_serious(finding)
            for finding in report.findings
        ),
        suppressed=report.suppressed,
        exit_code=_exit_code(report),
    )


def details(finding: Finding) -> str:
    """The message without the title, where a message begins by repeating it."""
    message, title = finding.message.strip("\n"), finding.title.rstrip(".")
    rest = message.removeprefix(title)
    if rest != message and rest[:1] in {"", ".", "\n"}:
        return rest.lstrip(".").strip("\n").removeprefix(" ")
    return message


def _exit_code(report: Report) -> ExitCode:
    """Errors win over findings, findings over what could not be decided."""
    threshold = report.threshold
    kinds = {
        finding.kind
        for finding in report.findings
        if finding.kind is FindingKind.ERROR
        # How bad a thing is that could not be decided is not known, so `--fail-on` leaves it alone.
        or (finding.kind is FindingKind.UNDECIDED and _is_serious(finding))
        or threshold.counts(finding.severity)
    }
    if report.stopped is not None:
        return report.stopped
    if FindingKind.ERROR in kinds:
        return ExitCode.ERROR
    if threshold.exit_zero:
        return ExitCode.OK
    if report.changes or kinds - {FindingKind.UNDECIDED}:
        return ExitCode.FINDINGS
    return ExitCode.UNDECIDED if kinds else ExitCode.OK


def _is_serious(finding: Finding) -> bool:
    return finding.kind is FindingKind.ERROR or finding.severity not in (
        Severity.WARNING,
        Severity.INFO,
    )
