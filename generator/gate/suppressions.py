"""Takes accepted results out of a run, and says which acceptances are wrong, over or idle."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from generator.gate.baseline import Baseline
from generator.model.estate import Json
from generator.model.finding import CAUSES, Finding, FindingKind, Severity
from generator.model.span import Span
from generator.model.suppression import (
    UNDECIDED_PREFIX,
    AcceptedAccess,
    Silenced,
    Suppression,
    WrongSuppression,
)

if TYPE_CHECKING:
    from generator.iam import Policy, PolicyKind

ACCESS_RULES = frozenset(
    {
        "grant-any-principal",
        "grant-outside-topology",
        "grant-undeclared",
        "identity-undeclared",
    }
)
"""The rules about surplus access: what of it is accepted has to be named."""

_DRIFT_ONLY = frozenset({"different", "missing", "two-owners", "unexpected"})
_IN_BOTH = frozenset(
    {"changes-ignored", "nothing-compared", "plan-replaces", "unread-code", "unread-module"}
)
_IN_BOTH = CAUSES | {"nothing-compared", "plan-replaces", "unread-code", "unread-module"}


@dataclass(slots=True, kw_only=True)
class Suppressor:
    """The suppressions of one run, and what each of them did.

    `commands` are those that report each rule there is, once something is accepted.
    """

    suppressions: tuple[Suppression, ...] = ()
    wrong: tuple[WrongSuppression, ...] = ()
    today: date = date.min
    commands: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    silenced: list[Silenced] = field(default_factory=list)
    baseline: Baseline | None = None
    _used: set[int] = field(default_factory=set)
    _without_access: dict[int, Finding] = field(default_factory=dict)

    @property
    def begin_of_today(self) -> datetime | None:
        """The moment at which the day of the run began (UTC), where the day is known."""
        if self.today == date.min:
            return None
        return datetime.combine(self.today, time.min, tzinfo=UTC)

    def add(self, suppressions: Iterable[Suppression], wrong: Iterable[WrongSuppression]) -> None:
        """Take in suppressions that were found later."""
        self.suppressions = (*self.suppressions, *suppressions)
        self.wrong = (*self.wrong, *wrong)

    def keep(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """The findings that nobody accepted; surplus access is taken out before, by `accepting`."""
        for finding in findings:
            number = self._fitting(finding)
            if number is None:
                if self.baseline is not None and self.baseline.takes(finding):
                    self.silenced.append(Silenced(finding=finding, reason="it is in the baseline"))
                else:
                    yield finding
            elif finding.rule in ACCESS_RULES and finding.kind is FindingKind.FINDING:
                if not self.suppressions[number].access:
                    self._without_access.setdefault(number, finding)
                yield finding
            else:
                self._silence(number, finding)

    def accepting(self, findings: Iterable[Finding]) -> tuple[Suppression, ...]:
        """The suppressions that accept some access of the findings."""
        fitting = {
            number
            for finding in findings
            if finding.rule in ACCESS_RULES
            for number, suppression in self._valid()
            if suppression.access and suppression.fits(finding)
        }
        return tuple(self.suppressions[number] for number in sorted(fitting))

    def note_accepted(
        self, before: Sequence[Finding], after: Sequence[Finding], by: Iterable[Suppression]
    ) -> None:
        """Note what is gone now that the access of suppressions counts as declared."""
        left = {(finding.fingerprint, finding.location) for finding in after}
        gone = [one for one in before if (one.fingerprint, one.location) not in left]
        for suppression in by:
            number = self.suppressions.index(suppression)
            for finding in gone:
                if suppression.fits(finding):
                    self._used.add(number)
        # A finding of which a part is left has only changed its words.
        places = {(finding.rule, finding.location) for finding in after}
        for finding in gone:
            accepted = next((one for one in by if one.fits(finding)), None)
            if accepted is not None and (finding.rule, finding.location) not in places:
                self.silenced.append(Silenced(finding=finding, reason=accepted.reason))

    def findings(
        self, command: str, *, judged_code: bool, among: frozenset[str] | None = None
    ) -> Iterator[Finding]:
        """What is to be said about the suppressions themselves, after the command has run.

        `among` are the rules that the run had, when those are not all of the command.
        """
        for wrong in self.wrong:
            yield _finding(
                "suppression-invalid",
                Severity.HIGH,
                "A result is meant to be accepted, and is not",
                f"{wrong.reason} Until then it accepts nothing.",
                wrong.place,
            )
        for number, finding in self._without_access.items():
            yield _finding(
                "suppression-invalid",
                Severity.HIGH,
                "It is not said which access is accepted",
                "For access that is too wide, the suppression names what of it is accepted, so that "
                f"more in the same statement is still found. Add{_access_words(finding)}",
                self.suppressions[number].place,
            )
        for number, suppression in enumerate(self.suppressions):
            unknown = {
                rule
                for rule in suppression.rules
                if rule.removeprefix(UNDECIDED_PREFIX) not in self.commands
            }
            if self.commands and unknown:
                yield _finding(
                    "suppression-invalid",
                    Severity.HIGH,
                    "A suppression names a rule that there is not",
                    f"{', '.join(f'`{rule}`' for rule in sorted(unknown))}: no result has such a rule. "
                    "A result shows its rule in brackets.",
                    suppression.place,
                )
            elif suppression.until is not None and suppression.until < self.today:
                yield _finding(
                    "suppression-expired",
                    Severity.MEDIUM,
                    "A suppression has expired",
                    f"It was to last until {suppression.until} ({suppression.reason}), and no longer "
                    "accepts anything. Mend what it accepted, or set a later day.",
                    suppression.place,
                )
            elif (
                number not in self._used
                and number not in self._without_access
                and judged_code
                and any(self._is_about(command, rule) for rule in suppression.rules)
                and (among is None or suppression.rules & among)
            ):
                yield _finding(
                    "suppression-unused",
                    Severity.LOW,
                    "A suppression accepts nothing",
                    f"No result of {', '.join(sorted(suppression.rules))} is there for it "
                    f"({suppression.reason}), or it names other access. Remove or correct it.",
                    suppression.place,
                )

    def keep_mistakes(self, findings: Iterable[Finding]) -> Iterator[Finding]:
        """What `validate` found and nobody accepted: only what does not stop a command can be."""
        for finding in findings:
            is_mistake = finding.severity.rank < Severity.WARNING.rank
            yield from (finding,) if is_mistake else self.keep((finding,))

    def _is_about(self, command: str, rule: str) -> bool:
        """Whether the command can have results of the rule, and would say so."""
        name = rule.removeprefix(UNDECIDED_PREFIX)
        only_validated = self.commands.get(name) == ("validate",)
        if only_validated or command == "validate":
            return only_validated and command == "validate"
        if name in _IN_BOTH:
            return True
        return (name in _DRIFT_ONLY) == (command == "drift")

    def _fitting(self, finding: Finding) -> int | None:
        """The first suppression that fits, one with access before one without."""
        fitting = [number for number, one in self._valid() if one.fits(finding)]
        return min(fitting, key=lambda number: not self.suppressions[number].access, default=None)

    def _valid(self) -> Iterator[tuple[int, Suppression]]:
        for number, suppression in enumerate(self.suppressions):
            if suppression.until is None or suppression.until >= self.today:
                yield number, suppression

    def _silence(self, number: int, finding: Finding) -> None:
        self._used.add(number)
        reason = self.suppressions[number].reason
        self.silenced.append(Silenced(finding=finding, reason=reason))


def accepted_policy(by: Iterable[Suppression], kind: "PolicyKind") -> "Policy":
    """The access of suppressions as a policy: what it allows counts as declared."""
    from generator.iam import PolicyKind, parse_policy

    for_anybody = kind is PolicyKind.IDENTITY
    statements: tuple[Json, ...] = tuple(
        _statement(access, for_anybody=for_anybody)
        for suppression in by
        for access in suppression.access
    )
    document: Json = {"Version": "2012-10-17", "Statement": statements}
    return parse_policy(document, source="suppressions")


def _statement(access: AcceptedAccess, *, for_anybody: bool) -> Json:
    """The access as a statement; whose an identity policy is says the place of the suppression."""
    statement: dict[str, Json] = {
        "Effect": "Allow",
        "Action": access.actions,
        "Resource": access.resources,
    }
    if for_anybody:
        return statement
    who = access.principal
    if who.startswith("o-"):
        statement["Principal"] = "*"
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": who}}
    elif who.startswith("arn:"):
        statement["Principal"] = {"AWS": who.split(":")[4] if who.count(":") >= 5 else who}
        statement["Condition"] = {"ArnLike": {"aws:PrincipalArn": who}}
    elif who.endswith(".amazonaws.com"):
        statement["Principal"] = {"Service": who}
    else:
        statement["Principal"] = who if who == "*" else {"AWS": who}
    return statement


def _access_words(finding: Finding) -> str:
    """The access of the witness, to copy; it is one example of what the finding is about."""
    witness = finding.witness
    if witness is None:
        return " `access`."
    return (
        ", with all actions and resources that are meant:\n"
        f'    access="{witness.principal} {witness.action} {witness.resource}"'
    )


def _finding(rule: str, severity: Severity, title: str, message: str, place: Span) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule=rule,
        severity=severity,
        title=title,
        message=message,
        subject=f"{place.file.name} {title}",
        location=place,
    )
