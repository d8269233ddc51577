"""Module calls whose code was not looked at: they may hold anything, so nothing is missing for sure."""

from collections.abc import Iterable, Iterator, Sequence

from generator.model.estate import Estate, Record, Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import UnreadModule
from generator.model.values import AccountId


def unread_accounts(estate: Estate, unread: Iterable[UnreadModule]) -> frozenset[AccountId] | None:
    """The accounts in which unread modules may make something; `None` for every account."""
    names = {module.root for module in unread}
    accounts = [root.account for root in estate.roots if root.name in names]
    if any(isinstance(account, Unknown) for account in accounts):
        return None
    return frozenset(account for account in accounts if not isinstance(account, Unknown))


def may_be_unread(record: Record, accounts: frozenset[AccountId] | None) -> bool:
    """Whether a missing record may be made by a module that was not read."""
    return accounts is None or record.account in accounts


def unread_findings(
    unread: Sequence[UnreadModule], candidates: Sequence[str] = ()
) -> Iterator[Finding]:
    """One open question for each module call that was not read; `candidates` is what is missing.

    Of a root that is not whole, its error speaks already, so it is named where something is missing.
    """
    may_hold = f" Nothing that was read makes {', '.join(candidates)}." if candidates else ""
    for module in unread:
        if not module.address and not candidates:
            continue
        name = f"`{module.address}`" if module.address else f"The root `{module.root or '.'}`"
        yield Finding(
            kind=FindingKind.UNDECIDED,
            rule="unread-module",
            severity=Severity.MEDIUM,
            title=module.title,
            message=(
                f"{name} may hold caches, policies and roles, and was not looked at: "
                f"{module.reason}.{may_hold} {module.remedy}"
            ),
            subject=f"{module.root} {module.address}",
            address=module.address or None,
            location=module.span,
        )
