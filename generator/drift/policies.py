"""Two policies compared by what they mean, and where they differ, statement by statement."""

from collections.abc import Iterator, Mapping

from generator.drift.attributes import undecided
from generator.drift.comparison import Comparison, scope
from generator.drift.meetings import Meeting, Outcome, statements
from generator.drift.words import (
    identity_text,
    severity,
    the,
    where,
    why_unknown,
)
from generator.estate.spellings import is_certainly_equal
from generator.estate.wording import capital
from generator.iam import (
    PolicyKind,
)
from generator.model.estate import Json, Kind, Known, Record, Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.levels import HARMLESS_ACTIONS
from generator.model.reading import Source

POLICIES: Mapping[tuple[Kind, str], PolicyKind] = {
    (Kind.REGISTRY_POLICY, "policy"): PolicyKind.REGISTRY,
    (Kind.REPOSITORY_POLICY, "policy"): PolicyKind.REPOSITORY,
    (Kind.CREATION_TEMPLATE, "repository_policy"): PolicyKind.REPOSITORY,
    (Kind.ROLE, "assume_role_policy"): PolicyKind.TRUST,
    (Kind.ROLE_POLICY, "policy"): PolicyKind.IDENTITY,
    (Kind.MANAGED_POLICY, "policy"): PolicyKind.IDENTITY,
}
"""The attributes that hold a policy, and what kind of policy it is."""


def policy_differences(
    comparison: Comparison, intended: Record, found: Record, name: str, kind: PolicyKind
) -> Iterator[Finding]:
    """Differences between two policies, statement by statement, by meaning."""
    wanted, actual = intended.get(name), found.get(name)
    if isinstance(actual, Unknown):
        yield undecided(comparison.source, intended, found, name, why_unknown(actual))
        return
    assert isinstance(wanted, Known)  # noqa: S101 - intent writes every policy out
    document = actual.value if isinstance(actual, Known) else None
    if isinstance(document, str) or document is None or isinstance(document, Unknown):
        reason = "it is not a JSON document" if document is not None else "it is not set"
        yield _policy_finding(comparison, intended, found, name, "different", None, reason)
        return
    if is_certainly_equal(wanted.value, document):
        return
    account, region = scope(comparison, intended)
    met = comparison.meetings.of(
        Meeting(wanted=wanted.value, found=document, kind=kind, account=account, region=region)
    )
    if met.differences and kind is not PolicyKind.TRUST:
        plain = without_harmless(document)
        meeting = Meeting(
            wanted=wanted.value, found=plain, kind=kind, account=account, region=region
        )
        if plain != document and comparison.meetings.of(meeting) == Outcome():
            yield _harmless_beside(intended, found, name, _harmless_in(document))
            return
    if met.undecided:
        yield undecided(comparison.source, intended, found, name, met.undecided)
    for one in met.differences:
        yield _policy_finding(
            comparison, intended, found, name, one.rule, one.statement, one.reason
        )


def without_harmless(document: Json) -> Json:
    """A policy without the actions that are harmless beside what the same statement grants."""
    if not isinstance(document, Mapping) or "Statement" not in document:
        return document
    return {**document, "Statement": tuple(map(_without_harmless, statements(document)))}


def _without_harmless(statement: Json) -> Json:
    if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
        return statement
    listed = _listed(statement.get("Action"))
    left = tuple(action for action in listed if not _is_harmless(action))
    return {**statement, "Action": left} if left and left != listed else statement


def _harmless_in(document: Json) -> str:
    """The harmless actions that a policy names, in words."""
    named = {
        action
        for statement in statements(document)
        if isinstance(statement, Mapping)
        for action in _listed(statement.get("Action"))
        if _is_harmless(action)
    }
    return ", ".join(f"`{action}`" for action in sorted(map(str, named)))


def _is_harmless(action: Json) -> bool:
    # What stands where an action should may be anything.
    return isinstance(action, str) and action in HARMLESS_ACTIONS


def _listed(value: Json) -> tuple[Json, ...]:
    return value if isinstance(value, tuple) else (value,)


def _harmless_beside(intended: Record, found: Record, name: str, actions: str) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule="different",
        severity=Severity.INFO,
        title=f"{capital(the(intended))} has something harmless beside what the topology asks for",
        message=(
            f"{capital(where(intended))}: `{name}` also names {actions}, which read no image, on the "
            "repositories of the grants and for those who have them. `generate` writes it without."
        ),
        subject=f"{identity_text(intended)} {name} harmless",
        address=found.address,
        location=found.get(name).span or found.span,
        topology=intended.get(name).span or intended.span,
    )


def _policy_finding(
    comparison: Comparison,
    intended: Record,
    found: Record,
    name: str,
    rule: str,
    statement: int | None,
    reason: str,
) -> Finding:
    titles = {
        "different": f"{capital(the(intended))} does not mean what the topology says",
        "unexpected": f"{capital(the(intended))} has a statement that the topology does not ask for",
        "missing": f"{capital(the(intended))} lacks a statement that the topology asks for",
    }
    location = found.get(name).span or found.span
    if statement is not None:
        location = comparison.statement_span(found, statement, name) or location
    return Finding(
        kind=FindingKind.DRIFT,
        rule=rule,
        severity=severity(intended.kind),
        title=titles[rule],
        message=(
            f"{capital(where(intended))}: in `{name}`, {reason}. Policies are compared by what they allow. "
            f"`forebay check` shows whether access changes; {_remedy(comparison.source)}"
        ),
        subject=f"{identity_text(intended)} {name} {reason}",
        address=found.address,
        location=location,
        topology=intended.get(name).span or intended.span,
    )


def _remedy(source: Source) -> str:
    if source is Source.LIVE:
        return "apply the account's root module, or change the topology if AWS is right."
    return "run `forebay generate` to write the code anew, or change the topology if the code is right."
