"""Module calls whose code was not looked at: they may hold anything, so nothing is missing for sure."""

from collections.abc import Iterator, Sequence

from generator.frozen_data import frozen
from generator.model.estate import Estate, Kind, Record, Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.quotes import listed
from generator.model.reading import UnreadModule
from generator.model.values import AccountId

NO_PLAIN_SOURCE = "its source is not plain text"
"""Why a call is not followed whose source is put together, which only OpenTofu takes."""

IDENTITY_KINDS = frozenset({Kind.ATTACHMENT, Kind.MANAGED_POLICY, Kind.ROLE, Kind.ROLE_POLICY})
"""What a module that makes only roles may hold."""


@frozen
class UnreadAccounts:
    """The accounts in which unread modules may make anything, and those in which they make roles.

    `None` stands for every account.
    """

    anything: frozenset[AccountId] | None = frozenset()
    roles: frozenset[AccountId] | None = frozenset()

    def may_hold(self, record: Record) -> bool:
        """Whether a missing record may be made by a module that was not read."""
        if self.anything is None or record.account in self.anything:
            return True
        if record.kind not in IDENTITY_KINDS:
            return False
        return self.roles is None or record.account in self.roles


def unread_accounts(estate: Estate, unread: Sequence[UnreadModule]) -> UnreadAccounts:
    """The accounts in which unread modules may make something."""
    return UnreadAccounts(
        anything=_accounts(estate, [each for each in unread if not each.makes_only_roles]),
        roles=_accounts(estate, [each for each in unread if each.makes_only_roles]),
    )


def _accounts(estate: Estate, unread: Sequence[UnreadModule]) -> frozenset[AccountId] | None:
    names = {module.root for module in unread}
    accounts = [root.account for root in estate.roots if root.name in names]
    if any(isinstance(account, Unknown) for account in accounts):
        return None
    return frozenset(account for account in accounts if not isinstance(account, Unknown))


def unread_findings(
    unread: Sequence[UnreadModule], candidates: Sequence[tuple[Kind, str]] = ()
) -> Iterator[Finding]:
    """One open question for each source of modules that was not read, with its places.

    `candidates` are the kinds and words of the records that are missing. Of a root that is not whole, its error speaks
    already, and a module that makes only roles is of no interest by itself: these two are named
    where something is missing.
    """
    groups: dict[tuple[str, str], list[UnreadModule]] = {}
    for module in unread:
        # What has no reason in common with others stands alone.
        is_shared = "`" in module.reason or module.reason == NO_PLAIN_SOURCE
        key = module.reason if is_shared else f"{module.root} {module.address}"
        groups.setdefault((key, module.title), []).append(module)
    for modules in groups.values():
        first = modules[0]
        missing = [
            words
            for kind, words in candidates
            if not first.makes_only_roles or kind in IDENTITY_KINDS
        ]
        if not missing and (first.makes_only_roles or not first.address):
            continue
        may_hold = f" Nothing that was read makes {', '.join(missing)}." if missing else ""
        yield Finding(
            kind=FindingKind.UNDECIDED,
            rule="unread-module",
            severity=Severity.MEDIUM,
            title=first.title,
            message=(
                f"{_named(modules)} may hold caches, policies and roles, and was not looked at: "
                f"{first.reason}.{may_hold} {first.remedy}"
            ),
            subject=f"{first.root} {first.address}",
            address=first.address or None,
            location=first.span,
            roots=tuple(dict.fromkeys(module.root for module in modules)),
            evidence="\n".join(
                sorted(
                    f"{each.root} {each.address} {each.reason} {each.evidence}" for each in modules
                )
            ),
        )


def _named(modules: Sequence[UnreadModule]) -> str:
    first = modules[0]
    if not first.address:
        return f"The root `{first.root or '.'}`"
    if len(modules) == 1:
        return f"`{first.address}`"
    places = (
        f"{module.address} in {module.root}" if module.root else module.address
        for module in modules
    )
    return f"What {listed(places)} call"
