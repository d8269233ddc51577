"""Drift: where an estate that was found differs from the one the topology asks for."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.estate.attached_policies import attached_policies, means
from generator.estate.normalise import Verdict, compare_attribute, holds_unknown, named_alike
from generator.estate.places import place_of
from generator.estate.unread_modules import may_be_unread, unread_accounts, unread_findings
from generator.estate.wording import capital, describe_request
from generator.iam import (
    Effect,
    MeaningDifference,
    Policy,
    PolicyKind,
    Undecided,
    parse_policy,
    same_meaning,
    statement_difference,
)
from generator.intent.policies import is_exported
from generator.model.estate import (
    Absent,
    Attribute,
    Estate,
    Identity,
    Json,
    Kind,
    Known,
    Link,
    Record,
    Unknown,
)
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.levels import PULL_THROUGH_SERVICE
from generator.model.reading import Source, UnreadModule
from generator.model.span import Span
from generator.model.topology import Topology
from generator.model.values import AccountId, Region

SECRET_PREFIX = "ecr-pullthroughcache/"  # noqa: S105 - a name prefix
"""What the name of every secret of a cache rule begins with."""

_POLICIES: Mapping[tuple[Kind, str], PolicyKind] = {
    (Kind.REGISTRY_POLICY, "policy"): PolicyKind.REGISTRY,
    (Kind.REPOSITORY_POLICY, "policy"): PolicyKind.REPOSITORY,
    (Kind.CREATION_TEMPLATE, "repository_policy"): PolicyKind.REPOSITORY,
    (Kind.ROLE, "assume_role_policy"): PolicyKind.TRUST,
    (Kind.ROLE_POLICY, "policy"): PolicyKind.IDENTITY,
    (Kind.MANAGED_POLICY, "policy"): PolicyKind.IDENTITY,
}

_REMEDIES: Mapping[Source, str] = {
    Source.CODE: "Write it so that it can be evaluated.",
    Source.PLAN: "The code tells more: give it with `--code` as well, or compare again after apply.",
    Source.STATE: "The code tells more: give it with `--code` as well.",
}

_NOTABLE = {Kind.CACHE_RULE, Kind.CREATION_TEMPLATE, Kind.REGISTRY_POLICY}
_POLICY_KINDS = {Kind.REGISTRY_POLICY, Kind.ACCOUNT_SETTING}
_IDENTITY_POLICIES = {Kind.ROLE_POLICY, Kind.MANAGED_POLICY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What is compared: the intended estate, the found one, and where found statements stand.

    `asked` are the accounts that the source is about, `None` for all of the topology's.
    """

    topology: Topology
    intended: Estate
    found: Estate
    statement_span: Callable[[Record, int, str], Span | None]
    unread: tuple[UnreadModule, ...] = ()
    source: Source = Source.CODE
    asked: frozenset[AccountId] | None = None


def compare(comparison: Comparison) -> Iterator[Finding]:
    """Every difference, each once, in no particular order."""
    found = comparison.found.by_identity()
    undecided_records = [record for record in comparison.found.records if record.identity is None]
    missing: list[Record] = []
    for record in comparison.intended.records:
        identity = record.identity
        if identity is None:
            continue
        owners = found.get(identity, [])
        if not owners:
            missing.append(record)
            continue
        owners = sorted(owners, key=lambda owner: owner.uncertain is not None)
        yield from _differences(comparison, record, owners[0])
        if (reason := owners[0].uncertain) is not None:
            yield _perhaps(record, owners[0], reason, rule="missing")
        for other in owners[1:]:
            if (reason := other.uncertain) is None:
                yield _two_owners(record, owners[0], other)
            elif owners[0].uncertain is None:
                yield _perhaps(record, other, reason, rule="two-owners")
    missing = [record for record in missing if not _given_otherwise(comparison, record)]
    for record in undecided_records:
        candidates = [candidate for candidate in missing if _may_be(record, candidate)]
        missing = [candidate for candidate in missing if candidate not in candidates]
        if candidates or record.kind in _NOTABLE:
            yield _cannot_place(comparison.source, record, candidates)
    asked = comparison.asked
    missing = [record for record in missing if asked is None or record.account in asked]
    if comparison.unread:
        accounts = unread_accounts(comparison.found, comparison.unread)
        hidden = [record for record in missing if may_be_unread(record, accounts)]
        missing = [record for record in missing if record not in hidden]
        yield from unread_findings(comparison.unread, [_the(record) for record in hidden])
    yield from (_missing(comparison, record) for record in missing)
    yield from _unexpected(comparison, found)


def _differences(comparison: Comparison, intended: Record, found: Record) -> Iterator[Finding]:
    for name, wanted in intended.attributes.items():
        actual = found.get(name)
        kind = _POLICIES.get((intended.kind, name))
        if kind is not None and isinstance(wanted, Known):
            yield from _policy_differences(comparison, intended, found, name, kind)
            continue
        if name == "version_stages" and _still_labelled(comparison.source, wanted, actual):
            continue
        match compare_attribute(name, wanted, actual):
            case Verdict.SAME:
                continue
            case Verdict.CANNOT_TELL:
                yield _undecided(
                    comparison.source, intended, found, name, actual, _why_unknown(actual)
                )
            case Verdict.DIFFERENT:
                yield Finding(
                    kind=FindingKind.DRIFT,
                    rule="different",
                    severity=_severity(intended.kind),
                    title=f"The {name} of {_the(intended)} is not what the topology says",
                    message=(
                        f"{capital(_where(intended))}: `{name}` is {_shown(actual)}, and the topology asks "
                        f"for {_shown(wanted)}. Change the code, or the topology if the code is "
                        "right."
                    ),
                    subject=f"{_identity_text(intended)} {name}",
                    address=found.address,
                    location=_span(actual) or found.span,
                    topology=_span(wanted) or intended.span,
                )


def _still_labelled(source: Source, wanted: Attribute, actual: Attribute) -> bool:
    """Whether a version of a secret has the labels that are its own.

    Code says which labels it begins with; later a rotation moves AWS's labels to newer versions,
    which Terraform is told to ignore and a plan or a state shows.
    """
    if source is Source.CODE:
        return False
    mine, theirs = _own_labels(wanted), _own_labels(actual)
    return mine is not None and mine == theirs


def _own_labels(stages: Attribute) -> set[str] | None:
    """The labels that AWS does not move; `None` when they are not known."""
    match stages:
        case Absent():
            return set()
        case Known(value=tuple() as labels) if not holds_unknown(labels):
            return {label for label in map(str, labels) if not label.startswith("AWS")}
        case _:
            return None


def _policy_differences(
    comparison: Comparison, intended: Record, found: Record, name: str, kind: PolicyKind
) -> Iterator[Finding]:
    """Differences between two policies, statement by statement, by meaning."""
    wanted, actual = intended.get(name), found.get(name)
    if isinstance(actual, Unknown):
        yield _undecided(comparison.source, intended, found, name, actual, _why_unknown(actual))
        return
    assert isinstance(wanted, Known)  # noqa: S101 - intent writes every policy out
    document = actual.value if isinstance(actual, Known) else None
    if isinstance(document, str) or document is None or isinstance(document, Unknown):
        reason = "it is not a JSON document" if document is not None else "it is not set"
        yield _policy_finding(comparison, intended, found, name, "different", None, reason)
        return
    ours = parse_policy(wanted.value, source=intended.address)
    theirs = parse_policy(document, source=found.address)
    account, region = _scope(comparison.topology, intended)
    whole = same_meaning(ours, theirs, kind=kind, account=account, region=region)
    if isinstance(whole, Undecided):
        yield _undecided(comparison.source, intended, found, name, actual, whole.reason)
        return
    if whole:
        return
    renamed = named_alike(wanted.value, document)
    if renamed is not None:
        theirs = parse_policy(renamed, source=found.address)
        if same_meaning(ours, theirs, kind=kind, account=account, region=region) is True:
            yield _undecided(comparison.source, intended, found, name, actual, _ALIAS_REASON)
            return
    yield from _statement_differences(comparison, intended, found, name, kind)


def _statement_differences(
    comparison: Comparison, intended: Record, found: Record, name: str, kind: PolicyKind
) -> Iterator[Finding]:
    """Pair statements that mean the same; what is left over is changed, unexpected or missing."""
    wanted, actual = intended.get(name), found.get(name)
    assert isinstance(wanted, Known)  # noqa: S101 - checked by the caller
    assert isinstance(actual, Known)  # noqa: S101 - checked by the caller
    account, region = _scope(comparison.topology, intended)
    ours = list(enumerate(_statements(wanted.value)))
    theirs = list(enumerate(_statements(actual.value)))
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
        reason = f"the topology does not ask for this statement: {_compact(statement)}"
        yield _policy_finding(comparison, intended, found, name, "unexpected", index, reason)
    for _, statement in ours:
        reason = f"a statement is missing: {_compact(statement)}"
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
        "different": f"{capital(_the(intended))} does not mean what the topology says",
        "unexpected": f"{capital(_the(intended))} has a statement that the topology does not ask for",
        "missing": f"{capital(_the(intended))} lacks a statement that the topology asks for",
    }
    location = _span(found.get(name)) or found.span
    if statement is not None:
        location = comparison.statement_span(found, statement, name) or location
    return Finding(
        kind=FindingKind.DRIFT,
        rule=rule,
        severity=_severity(intended.kind),
        title=titles[rule],
        message=(
            f"{capital(_where(intended))}: in `{name}`, {reason}. Policies are compared by what they allow. "
            "`forebay check` shows whether access changes; run `forebay generate` to write the "
            "code anew, or change the topology if the code is right."
        ),
        subject=f"{_identity_text(intended)} {name} {reason}",
        address=found.address,
        location=location,
        topology=_span(intended.get(name)) or intended.span,
    )


def _missing(comparison: Comparison, record: Record) -> Finding:
    return Finding(
        kind=FindingKind.DRIFT,
        rule="missing",
        severity=_severity(record.kind),
        title=f"The {comparison.source} has no {_what(record)}",
        message=(
            f"{capital(_where(record))}: the topology asks for {_the(record)}, and no {comparison.source} "
            f"that was read makes it; `generate` writes it as `{record.address}`. Add it here, or take it out of "
            "the topology."
        ),
        subject=_identity_text(record),
        address=record.address,
        location=place_of(comparison.found, record),
        topology=record.span,
    )


def _two_owners(intended: Record, first: Record, other: Record) -> Finding:
    return Finding(
        kind=FindingKind.DRIFT,
        rule="two-owners",
        severity=Severity.HIGH,
        title=f"Two resources own {_the(intended)}",
        message=(
            f"{capital(_where(intended))}: `{first.address}` ({_line(first)}) and `{other.address}` "
            f"({_line(other)}) both manage {_the(intended)}, so each apply of one undoes the other. "
            "Keep one of them."
        ),
        subject=f"{_identity_text(intended)} {other.root}",
        address=other.address,
        location=other.span,
        topology=intended.span,
    )


def _undecided(
    source: Source, intended: Record, found: Record, name: str, actual: Attribute, reason: str
) -> Finding:
    return Finding(
        kind=FindingKind.UNDECIDED,
        rule="different",
        severity=Severity.MEDIUM,
        title=f"Cannot tell whether the {name} of {_the(intended)} is right",
        message=(
            f"{capital(_where(intended))}: `{name}` cannot be known from the {source} alone: {reason}. "
            f"{_REMEDIES[source]}"
        ),
        subject=f"{_identity_text(intended)} {name}",
        address=found.address,
        location=_span(actual) or found.span,
        topology=_span(intended.get(name)) or intended.span,
    )


def _perhaps(intended: Record, found: Record, reason: Unknown, *, rule: str) -> Finding:
    """An open question about a resource that may not be there at all."""
    again = " once more" if rule == "two-owners" else ""
    return Finding(
        kind=FindingKind.UNDECIDED,
        rule=rule,
        severity=Severity.MEDIUM,
        title=f"Cannot tell whether the code makes {_the(intended)}{again}",
        message=(
            f"{capital(_where(intended))}: whether there is `{found.address}` depends on "
            f"`{reason.reference}`: {reason.reason}. Write it so that it can be evaluated."
        ),
        subject=_identity_text(intended),
        address=found.address,
        location=found.span,
        topology=intended.span,
    )


def _cannot_place(source: Source, record: Record, candidates: Iterable[Record]) -> Finding:
    unknown = next(
        part for part in (record.key, record.account, record.region) if isinstance(part, Unknown)
    )
    names = ", ".join(_the(candidate) for candidate in candidates)
    may_be = f" It may be {names}." if names else ""
    return Finding(
        kind=FindingKind.UNDECIDED,
        rule="missing",
        severity=Severity.MEDIUM,
        title=f"Cannot tell which {record.kind.value} this is",
        message=(
            f"`{record.address}`: {unknown.reason} (`{unknown.reference}`).{may_be} "
            f"{_REMEDIES[source]}"
        ),
        subject=f"{record.root} {record.address}",
        address=record.address,
        location=record.span,
    )


def _unexpected(
    comparison: Comparison, found: Mapping[Identity, list[Record]]
) -> Iterator[Finding]:
    wanted = {record.identity for record in comparison.intended.records}
    accounts = {account.id: account for account in comparison.topology.managed_accounts.values()}
    known_secrets = {
        (accounts_id, cache.region, cache.credential.secret)
        for cache in comparison.topology.caches
        if cache.credential is not None
        for accounts_id in (comparison.topology.accounts[cache.account].id,)
    }
    # A role that an upstream names is there already, whoever makes it.
    known_roles = {
        (comparison.topology.accounts[cache.account].id, cache.named_role)
        for cache in comparison.topology.caches
        if cache.named_role is not None
    }
    for identity, records in found.items():
        account = accounts.get(identity.account)
        if account is None or identity in wanted or not _counts(identity, records[0]):
            continue
        if identity.region is not None and identity.region not in account.regions:
            continue
        if identity.kind in _POLICY_KINDS and is_exported(comparison.topology, account.name):
            continue
        secret = (identity.account, identity.region, identity.key)
        if identity.kind is Kind.SECRET and secret in known_secrets:
            continue
        if identity.kind is Kind.ROLE and (identity.account, identity.key) in known_roles:
            continue
        for record in records:
            if record.uncertain is not None:
                yield _perhaps(record, record, record.uncertain, rule="unexpected")
                continue
            yield Finding(
                kind=FindingKind.DRIFT,
                rule="unexpected",
                severity=_severity(identity.kind),
                title=f"The topology asks for no {_what(record)}",
                message=(
                    f"{capital(_where(record))}: `{record.address}` makes {_the(record)}, which the topology "
                    "does not ask for. Remove it here, or add it to the topology."
                ),
                subject=f"{_identity_text(record)} {record.root}",
                address=record.address,
                location=record.span,
                topology=account.span,
            )


def _counts(identity: Identity, record: Record) -> bool:
    """Whether a record of this kind, which nobody asked for, is drift at all."""
    match identity.kind:
        case Kind.CACHE_RULE | Kind.CREATION_TEMPLATE | Kind.REGISTRY_POLICY:
            return True
        case Kind.ACCOUNT_SETTING:
            return identity.key == "REGISTRY_POLICY_SCOPE"
        case Kind.SECRET:
            return identity.key.startswith(SECRET_PREFIX)
        case Kind.ROLE:
            trust = record.get("assume_role_policy")
            return isinstance(trust, Known) and PULL_THROUGH_SERVICE in _services(trust.value)
        case _:
            return False


def _services(document: Json) -> set[str]:
    """The service principals that a trust policy allows."""
    services: set[str] = set()
    for statement in _statements(document):
        if not isinstance(statement, Mapping) or statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal")
        if isinstance(principal, Mapping):
            named = principal.get("Service")
            services.update(map(str, named if isinstance(named, tuple) else (named,)))
    return services


def _given_otherwise(comparison: Comparison, record: Record) -> bool:
    """Whether the code gives in another way what a missing policy or attachment should give.

    A policy may have another name; a role may have it inline or by another attachment.
    """
    account, region = _scope(comparison.topology, record)
    if record.kind is Kind.MANAGED_POLICY:
        wanted, holders = (
            record,
            [
                other
                for other in comparison.found.records
                if other.kind in _IDENTITY_POLICIES and other.account == account
            ],
        )
    elif record.kind is Kind.ATTACHMENT:
        target, role = record.get("policy_arn"), record.get("role")
        assert isinstance(target, Link)  # noqa: S101 - intent links every attachment
        assert isinstance(role, Known)  # noqa: S101 - and names its role
        wanted = next(
            other for other in comparison.intended.records if other.identity == target.target
        )
        holders = attached_policies(comparison.found, account, str(role.value))
    else:
        return False
    document = wanted.get("policy")
    return isinstance(document, Known) and any(
        means(holder, document.value, account=account, region=region) for holder in holders
    )


def _may_be(record: Record, candidate: Record) -> bool:
    """Whether a record with unknown parts may turn out to be the candidate."""
    return record.kind is candidate.kind and all(
        isinstance(mine, Unknown) or mine == theirs
        for mine, theirs in (
            (record.account, candidate.account),
            (record.region, candidate.region),
            (record.key, candidate.key),
        )
    )


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


def _statements(document: Json) -> tuple[Json, ...]:
    if not isinstance(document, Mapping):
        return ()
    statements = document.get("Statement", ())
    return statements if isinstance(statements, tuple) else (statements,)


def _sid(statement: Json) -> Json:
    return statement.get("Sid", "") if isinstance(statement, Mapping) else ""


def _scope(topology: Topology, record: Record) -> tuple[AccountId, Region]:
    """The account and region whose registry or identities a policy is about."""
    assert isinstance(record.account, AccountId)  # noqa: S101 - intended records are known
    if isinstance(record.region, Region):
        return record.account, record.region
    account = next(a for a in topology.accounts.values() if a.id == record.account)
    return record.account, account.regions[0]


def _severity(kind: Kind) -> Severity:
    return Severity.MEDIUM if kind in {Kind.SECRET, Kind.SECRET_VERSION} else Severity.HIGH


def _what(record: Record) -> str:
    """The record in words: `cache rule quay`."""
    if record.kind is Kind.REGISTRY_POLICY or isinstance(record.key, Unknown):
        return record.kind.value
    if record.kind in {Kind.ROLE_POLICY, Kind.ATTACHMENT}:
        role, _, policy = record.key.partition(":")
        return f"{record.kind.value} {policy} of role {role}"
    return f"{record.kind.value} {record.key}"


def _the(record: Record) -> str:
    return f"the {_what(record)}"


def described(record: Record) -> tuple[str, str, str]:
    """Where a record is, what it is, and the beginning of the subject of each finding about it."""
    return _where(record), _the(record), _identity_text(record)


def _where(record: Record) -> str:
    region = "" if record.region is None or isinstance(record.region, Unknown) else record.region
    account = "" if isinstance(record.account, Unknown) else f"account {record.account}"
    return ", ".join(part for part in (account, region) if part)


def _line(record: Record) -> str:
    if record.span is None:
        return "place unknown"
    return f"`{record.span.file.as_posix()}`, line {record.span.line}"


def _identity_text(record: Record) -> str:
    return f"{record.kind.value} {_where(record)} {'' if isinstance(record.key, Unknown) else record.key}"


def _span(attribute: Attribute) -> Span | None:
    return attribute.span


_ALIAS_REASON = "which key an alias names is only known to KMS"


def _why_unknown(attribute: Attribute) -> str:
    if isinstance(attribute, Known) and isinstance(attribute.value, Unknown):
        attribute = attribute.value
    if isinstance(attribute, Unknown):
        return f"{attribute.reason} (`{attribute.reference}`)"
    if isinstance(attribute, Known) and not holds_unknown(attribute.value):
        return _ALIAS_REASON
    return "a part of it is unknown"


def _shown(attribute: Attribute) -> str:
    match attribute:
        case Absent():
            return "not set"
        case Link():
            return f"{attribute.target.kind.value} `{attribute.target.key}`"
        case Known():
            return f"`{_compact(attribute.value)}`"
        case Unknown():
            return "unknown"


def _compact(value: Json) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(value, default=lambda _: "(unknown)", ensure_ascii=False)
