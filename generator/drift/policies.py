"""Two policies compared by what they mean, and where they differ, statement by statement."""

from collections.abc import Iterator, Mapping

from generator.drift.attributes import undecided
from generator.drift.comparison import Comparison, scope
from generator.drift.meetings import Meeting
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
from generator.model.estate import Kind, Known, Record, Unknown
from generator.model.finding import Finding, FindingKind
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
    if met.undecided:
        yield undecided(comparison.source, intended, found, name, met.undecided)
    for one in met.differences:
        yield _policy_finding(
            comparison, intended, found, name, one.rule, one.statement, one.reason
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
