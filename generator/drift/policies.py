"""Two policies compared by what they mean, and where they differ, statement by statement."""

from collections.abc import Iterator, Mapping

from generator.drift.attributes import undecided
from generator.drift.comparison import Comparison, scope
from generator.drift.words import (
    ALIAS_REASON,
    compact,
    identity_text,
    severity,
    the,
    where,
    why_unknown,
)
from generator.estate.spellings import is_certainly_equal, named_alike
from generator.estate.wording import capital, describe_request
from generator.iam import (
    Effect,
    MeaningDifference,
    Policy,
    PolicyKind,
    Undecided,
    parse_policy,
    parse_policy_of_aws,
    same_meaning,
    statement_difference,
)
from generator.model.estate import Json, Kind, Known, Record, Unknown
from generator.model.finding import Finding, FindingKind
from generator.model.reading import Source
from generator.model.values import AccountId, Region

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
    ours = parse_policy(wanted.value, source=intended.address)
    theirs = parse_policy_of_aws(document, source=found.address)
    account, region = scope(comparison, intended)
    whole = same_meaning(ours, theirs, kind=kind, account=account, region=region)
    if isinstance(whole, Undecided):
        yield undecided(comparison.source, intended, found, name, whole.reason)
        return
    if whole:
        return
    renamed = named_alike(wanted.value, document)
    if renamed is not None:
        theirs = parse_policy_of_aws(renamed, source=found.address)
        if same_meaning(ours, theirs, kind=kind, account=account, region=region) is True:
            yield undecided(comparison.source, intended, found, name, ALIAS_REASON)
            return
    yield from _statement_differences(comparison, intended, found, name, kind)


def _statement_differences(
    comparison: Comparison, intended: Record, found: Record, name: str, kind: PolicyKind
) -> Iterator[Finding]:
    """Pair statements that mean the same; what is left over is changed, unexpected or missing."""
    wanted, actual = intended.get(name), found.get(name)
    assert isinstance(wanted, Known)  # noqa: S101 - checked by the caller
    assert isinstance(actual, Known)  # noqa: S101 - checked by the caller
    account, region = scope(comparison, intended)
    ours = list(enumerate(statements(wanted.value)))
    theirs = list(enumerate(statements(actual.value)))
    for mine in tuple(ours):
        for other in theirs:
            if _same_statement(mine[1], other[1], kind=kind, account=account, region=region):
                ours.remove(mine)
                theirs.remove(other)
                break
    pairs: list[tuple[int, int]] = []
    for mine in tuple(ours):
        partner = next((other for other in theirs if _sid(other[1]) == _sid(mine[1])), None)
        if partner is not None:
            ours.remove(mine)
            theirs.remove(partner)
            pairs.append((mine[0], partner[0]))
    while ours and theirs:
        pairs.append((ours.pop(0)[0], theirs.pop(0)[0]))
    difference = statement_difference(
        parse_policy(wanted.value, source=intended.address),
        parse_policy(actual.value, source=found.address),
        kind=kind,
        account=account,
        region=region,
    )
    for wanted_index, index in pairs:
        reason = _how_it_differs(difference, wanted_index, index)
        yield _policy_finding(comparison, intended, found, name, "different", index, reason)
    for index, statement in theirs:
        reason = f"the topology does not ask for this statement: {compact(statement)}"
        yield _policy_finding(comparison, intended, found, name, "unexpected", index, reason)
    for _, statement in ours:
        reason = f"a statement is missing: {compact(statement)}"
        yield _policy_finding(comparison, intended, found, name, "missing", None, reason)
    if not (pairs or theirs or ours):
        reason = _how_it_differs(difference, None, None)
        yield _policy_finding(comparison, intended, found, name, "different", None, reason)


def _how_it_differs(difference: MeaningDifference, wanted: int | None, found: int | None) -> str:
    """One example of what a changed statement gives too much, or of what it does not give.

    The statement is number `wanted` in the one policy and number `found` in the other; `None` means
    any.
    """
    for extra in difference.only_in_second:
        if found is None or extra.statement.index == found:
            verb = "allows" if extra.statement.effect is Effect.ALLOW else "denies"
            what = "a statement" if found is None else "this statement"
            return f"{what} also {verb} that {describe_request(extra.request)}"
    for lost in difference.only_in_first:
        if wanted is None or lost.statement.index == wanted:
            verb = "allowed" if lost.statement.effect is Effect.ALLOW else "denied"
            return f"it is not {verb} that {describe_request(lost.request)}"
    return "this statement does not mean what the topology asks for"


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


def _same_statement(
    mine: Json, other: Json, *, kind: PolicyKind, account: AccountId, region: Region
) -> bool:
    if not isinstance(mine, Mapping) or not isinstance(other, Mapping):
        return mine == other
    if mine.get("Effect") != other.get("Effect"):
        return False
    # A Deny alone allows nothing; as an Allow its extent can be compared.
    ours, theirs = (_alone({**statement, "Effect": "Allow"}) for statement in (mine, other))
    return same_meaning(ours, theirs, kind=kind, account=account, region=region) is True


def _alone(statement: Json) -> Policy:
    return parse_policy({"Version": "2012-10-17", "Statement": (statement,)}, source="statement")


def statements(document: Json) -> tuple[Json, ...]:
    """The statements of a policy's document."""
    if not isinstance(document, Mapping):
        return ()
    statements = document.get("Statement", ())
    return statements if isinstance(statements, tuple) else (statements,)


def _sid(statement: Json) -> Json:
    return statement.get("Sid", "") if isinstance(statement, Mapping) else ""
