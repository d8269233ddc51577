"""Two policies compared by what they mean, and where they differ, statement by statement."""

from collections.abc import Iterator, Mapping, Sequence

from generator.drift.attributes import undecided
from generator.drift.comparison import Comparison, place_words, scope
from generator.drift.meetings import Meeting, StatementChange
from generator.drift.words import (
    CHANGES,
    identity_text,
    severity,
    the,
    why_unknown,
)
from generator.estate.spellings import is_certainly_equal
from generator.estate.wording import capital
from generator.iam import (
    PolicyKind,
)
from generator.model.estate import Kind, Known, Record, Unknown
from generator.model.finding import Finding, FindingKind, Severity

POLICIES: Mapping[tuple[Kind, str], PolicyKind] = {
    (Kind.REGISTRY_POLICY, "policy"): PolicyKind.REGISTRY,
    (Kind.REPOSITORY_POLICY, "policy"): PolicyKind.REPOSITORY,
    (Kind.CREATION_TEMPLATE, "repository_policy"): PolicyKind.REPOSITORY,
    (Kind.ROLE, "assume_role_policy"): PolicyKind.TRUST,
    (Kind.ROLE_POLICY, "policy"): PolicyKind.IDENTITY,
    (Kind.MANAGED_POLICY, "policy"): PolicyKind.IDENTITY,
}
"""The attributes that hold a policy, and what kind of policy it is."""


ARGUMENTS: Mapping[str, Sequence[str]] = {
    "Action": ("Action", "actions", "level"),
    "Resource": ("Resource", "resources", "prefixes", "repositories"),
    "Principal": ("Principal", "account_ids"),
    "Condition": ("Condition", "principal_arns", "organization_id", "organization_paths"),
}
"""The arguments that make each part of a statement, in policies and in calls of forebay's modules."""


def policy_differences(
    comparison: Comparison, intended: Record, found: Record, name: str, kind: PolicyKind
) -> Iterator[Finding]:
    """Differences between two policies, statement by statement, by meaning."""
    wanted, actual = intended.get(name), found.get(name)
    if isinstance(actual, Unknown):
        yield undecided(comparison, intended, found, name, why_unknown(actual))
        return
    assert isinstance(wanted, Known)  # noqa: S101 - intent writes every policy out
    document = actual.value if isinstance(actual, Known) else None
    if isinstance(document, str) or document is None or isinstance(document, Unknown):
        reason = "it is not a JSON document" if document is not None else "it is not set"
        change = StatementChange(rule="different", statement=None, reason=reason)
        yield _policy_finding(comparison, intended, found, name, change)
        return
    if is_certainly_equal(wanted.value, document):
        return
    account, region = scope(comparison, intended)
    met = comparison.meetings.of(
        Meeting(wanted=wanted.value, found=document, kind=kind, account=account, region=region)
    )
    # Beside what is wrong, it is of no interest.
    if met.harmless and not met.differences:
        yield _harmless_beside(comparison, intended, found, name, met.harmless)
    if met.undecided:
        yield undecided(comparison, intended, found, name, met.undecided)
    for one in met.differences:
        yield _policy_finding(comparison, intended, found, name, one)


def _harmless_beside(
    comparison: Comparison, intended: Record, found: Record, name: str, actions: Sequence[str]
) -> Finding:
    return Finding(
        kind=FindingKind.FINDING,
        rule="different",
        severity=Severity.INFO,
        title=f"{capital(the(intended))} has something harmless beside what the topology asks for",
        message=(
            f"{place_words(comparison, intended)}: `{name}` also allows {', '.join(f'`{one}`' for one in actions)}, "
            f"which {'reads' if len(actions) == 1 else 'read'} no image, to those who may pull, on the "
            "repositories that they pull from. "
            "`generate` writes it without."
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
    change: StatementChange,
) -> Finding:
    rule, statement, reason = change.rule, change.statement, change.reason
    differs = {
        (True, False): "allows more than the topology asks for",
        (False, True): "allows less than the topology asks for",
    }.get((change.is_more, change.is_less), "does not mean what the topology says")
    titles = {
        "different": f"{capital(the(intended))} {differs}",
        "unexpected": f"{capital(the(intended))} gives access that the topology does not ask for",
        "missing": f"{capital(the(intended))} lacks "
        + (
            "a Deny that the topology keeps"
            if change.is_more
            else "access that the topology asks for"
        ),
    }
    asking = None
    if change.request is not None:
        asking = comparison.grant_places.meant(intended, change.request, change.sid)
    whole = location = found.get(name).span or found.span
    if statement is not None:
        whole = location = comparison.statement_span(found, statement, name) or location
        if location is not None and change.part is not None:
            names = ARGUMENTS.get(change.part, ())
            location = comparison.argument_in(location, names) or location
    return Finding(
        kind=FindingKind.DRIFT,
        rule=rule,
        severity=severity(intended.kind),
        title=titles[rule],
        message=(
            f"{place_words(comparison, intended)}: in `{name}`, {reason}. "
            f"{CHANGES[comparison.source]}"
        ),
        subject=f"{identity_text(intended)} {name} {reason}",
        address=found.address,
        location=location,
        within=whole,
        topology=asking or intended.get(name).span or intended.span,
    )
