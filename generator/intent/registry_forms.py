"""The forms in which one registry's policy can be written, all with the same meaning.

No role or user ever stands in `Principal`: ECR refuses a whole policy that names one which does not
exist, and the order of applies would matter. Accounts do, or everybody narrowed by conditions.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

from generator.frozen_data import frozen
from generator.model.estate import Json
from generator.model.levels import UPSTREAM_ACTIONS, Level
from generator.model.span import Span
from generator.model.values import AccountId, Region, repositories_order, repository_arn

UPSTREAM = "upstream"
"""The word for another account's registry caching from this one, beside the grant levels."""


class RegistryPolicyForm(StrEnum):
    """The ways to write a registry policy, in the order they are tried; all mean the same."""

    EACH_ROLE = "every role with its account"
    SHARED_NAMES = "roles of the same name in several accounts as one pattern"
    CONDITIONS = "no principal but the conditions on account and role"


@frozen
class RegistryStatement:
    """One statement of a registry policy; `principal_arns` is empty for every principal.

    It is for accounts, for an organization, or for units of one (by path): exactly one of the three,
    or none when each of the ARNs names its account. `are_accounts_conditions` says that the
    accounts are not principals but a condition on everybody.
    """

    sid: str
    level: str
    repositories: tuple[str, ...]
    account_ids: tuple[AccountId, ...] = ()
    organization: str | None = None
    units: tuple[str, ...] = ()
    principal_arns: tuple[str, ...] = ()
    are_accounts_conditions: bool = False
    span: Span

    @property
    def actions(self) -> tuple[str, ...]:
        """The statement's actions, sorted."""
        return UPSTREAM_ACTIONS if self.level == UPSTREAM else Level(self.level).actions


@frozen
class PrincipalAccess:
    """One principal's access to repositories (a pattern), before statements are merged.

    Exactly one of `account_id`, `organization` and `unit` is set; `unit` is a path.
    """

    level: str
    repositories: str
    principal_arn: str | None
    span: Span
    account_id: AccountId | None = None
    organization: str | None = None
    unit: str | None = None

    @property
    def principal(self) -> tuple[str, str, str, str]:
        """What tells principals apart, in an order."""
        return (
            self.account_id or "",
            self.organization or "",
            self.unit or "",
            self.principal_arn or "",
        )


def merge(
    entries: Iterable[PrincipalAccess], form: RegistryPolicyForm
) -> tuple[RegistryStatement, ...]:
    """Merge accesses: first one principal's repositories of a level, then principals of equal ones."""
    accesses: dict[tuple[str, tuple[str, ...]], dict[str, PrincipalAccess]] = {}
    for entry in entries:
        accesses.setdefault((entry.level, entry.principal), {}).setdefault(
            entry.repositories, entry
        )
    groups: dict[tuple[str, tuple[str, ...], str], list[PrincipalAccess]] = {}
    for (level, _), found in accesses.items():
        first = next(iter(found.values()))
        group = (level, tuple(sorted(found, key=repositories_order)), _kind(first))
        groups.setdefault(group, []).extend(found.values())
    statements: dict[str, RegistryStatement] = {}
    numbers: dict[str, int] = {}
    for (level, covered, kind), members in sorted(groups.items(), key=_group_order):
        span = min((member.span for member in members), key=lambda span: span.start)
        for scope in _scopes(members, form):
            sid = _sid(level, covered, statements, numbers, kind=kind)
            statements[sid] = RegistryStatement(
                sid=sid,
                level=level,
                repositories=covered,
                account_ids=scope.account_ids,
                organization=scope.organization,
                units=scope.units,
                principal_arns=scope.principal_arns,
                are_accounts_conditions=scope.are_accounts_conditions,
                span=span,
            )
    return tuple(statements[sid] for sid in sorted(statements))


def _group_order(
    item: tuple[tuple[str, tuple[str, ...], str], object],
) -> tuple[str, tuple[str, ...], str]:
    level, repositories, kind = item[0]
    return level, tuple(map(repositories_order, repositories)), kind


def statement_document(entry: RegistryStatement, account: AccountId, region: Region) -> Json:
    """A statement of one registry's policy as a JSON-like value."""
    conditions: dict[str, Json] = {}
    if entry.principal_arns:
        is_pattern = any(sign in arn for arn in entry.principal_arns for sign in "*?")
        operator = "ArnLike" if is_pattern else "ArnEquals"
        conditions[operator] = {"aws:PrincipalArn": entry.principal_arns}
    if entry.organization is not None:
        conditions["StringEquals"] = {"aws:PrincipalOrgID": (entry.organization,)}
    if entry.units:
        # Every path ends in a slash, so the star stands for the unit itself and all below it.
        paths = tuple(f"{path}*" for path in entry.units)
        conditions["ForAnyValue:StringLike"] = {"aws:PrincipalOrgPaths": paths}
    principals: tuple[str, ...] = entry.account_ids
    if entry.are_accounts_conditions and entry.account_ids:
        conditions["StringEquals"] = {"aws:PrincipalAccount": entry.account_ids}
    if entry.are_accounts_conditions or not entry.account_ids:
        principals = ("*",)
    return {
        "Sid": entry.sid,
        "Effect": "Allow",
        "Principal": {"AWS": principals},
        "Action": entry.actions,
        "Resource": tuple(
            repository_arn(region, account, repositories) for repositories in entry.repositories
        ),
        **({"Condition": conditions} if conditions else {}),
    }


@frozen
class _Scope:
    """The principals that one statement allows."""

    account_ids: tuple[AccountId, ...] = ()
    organization: str | None = None
    units: tuple[str, ...] = ()
    principal_arns: tuple[str, ...] = ()
    are_accounts_conditions: bool = False


def _kind(wanted: PrincipalAccess) -> str:
    """What may stand in one statement together, as the end of its id."""
    whole = wanted.principal_arn is None
    if wanted.account_id is not None:
        return "Account" if whole else ""
    kind = "Organization" if wanted.unit is None else "Unit"
    return kind if whole else f"{kind}Role"


def _scopes(members: Sequence[PrincipalAccess], form: RegistryPolicyForm) -> Iterator[_Scope]:
    """The principals of the statements that together allow exactly these members."""
    if members[0].account_id is not None:
        yield from _account_scopes(members, form)
        return
    arns: dict[tuple[str | None, str | None], set[str]] = {}
    for member in members:
        found = arns.setdefault((member.organization, member.unit), set())
        if member.principal_arn is not None:
            found.add(member.principal_arn)
    # Only units with the same roles share a statement: it lets each role in from every unit.
    units: dict[tuple[str, ...], list[str]] = {}
    for (organization, unit), roles in sorted(arns.items(), key=lambda item: str(item[0])):
        if unit is None:
            yield _Scope(organization=organization, principal_arns=tuple(sorted(roles)))
        else:
            units.setdefault(tuple(sorted(roles)), []).append(unit)
    for shared, paths in sorted(units.items()):
        yield _Scope(units=tuple(paths), principal_arns=shared)


def _account_scopes(
    members: Sequence[PrincipalAccess], form: RegistryPolicyForm
) -> Iterator[_Scope]:
    account_ids = tuple(
        sorted({member.account_id for member in members if member.account_id is not None})
    )
    arns = {member.principal_arn for member in members if member.principal_arn is not None}
    by_condition = form is RegistryPolicyForm.CONDITIONS
    if not arns:
        yield _Scope(account_ids=account_ids, are_accounts_conditions=by_condition)
        return
    if form is RegistryPolicyForm.EACH_ROLE:
        yield _Scope(account_ids=account_ids, principal_arns=tuple(sorted(arns)))
        return
    accounts: dict[str, set[AccountId]] = {}
    for arn in arns:
        before, account_id, role = _around_account(arn)
        accounts.setdefault(f"{before}*{role}", set()).add(AccountId(account_id))
    # An account of a statement may use every role of it, so only roles of the same accounts share
    # one.
    shared: dict[tuple[AccountId, ...], list[str]] = {}
    for pattern, holders in sorted(accounts.items()):
        shared.setdefault(tuple(sorted(holders)), []).append(pattern)
    alone: dict[str, AccountId] = {}
    for owners, patterns in sorted(shared.items()):
        if len(owners) > 1:
            yield _Scope(
                account_ids=owners,
                principal_arns=tuple(patterns),
                are_accounts_conditions=by_condition,
            )
            continue
        alone.update((pattern.replace("*", owners[0], 1), owners[0]) for pattern in patterns)
    if alone:
        # These ARNs name their accounts themselves.
        owners = () if by_condition else tuple(sorted(set(alone.values())))
        yield _Scope(
            account_ids=owners,
            principal_arns=tuple(sorted(alone)),
            are_accounts_conditions=by_condition,
        )


def _around_account(arn: str) -> tuple[str, str, str]:
    """An ARN as what stands before its account id, the id, and what stands after it."""
    *before, account_id, resource = arn.split(":", 5)
    return f"{':'.join(before)}:", account_id, f":{resource}"


def _sid(
    level: str,
    repositories: Sequence[str],
    taken: Mapping[str, RegistryStatement],
    numbers: dict[str, int],
    *,
    kind: str,
) -> str:
    """A statement id a reviewer can read, stable while it keeps its level and repositories.

    `numbers` remembers where counting went on for each, which many statements make slow.
    """
    first = repositories_order(repositories[0]).lower()
    words = [*re.split(r"[^a-z0-9]+", level), *re.split(r"[^a-z0-9]+", first)]
    sid = "".join(word.capitalize() for word in words)
    if len(repositories) > 1:
        sid += f"And{len(repositories) - 1}More"
    sid += kind
    candidate, number = sid, numbers.get(sid, 2)
    while candidate in taken:
        candidate, number = f"{sid}{number}", number + 1
    numbers[sid] = number
    return candidate
