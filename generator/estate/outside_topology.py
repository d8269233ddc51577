"""What code holds outside of the topology: listed once, so that silence never means "not looked"."""

from collections.abc import Iterator

from generator.estate.ceilings import LAYERS
from generator.estate.wording import capital
from generator.intent.records import intend
from generator.model.estate import Kind, Record, Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading, Source
from generator.model.topology import Topology

_NOT_READ = frozenset({"unread-code", "unreadable-file"})
"""The rules about code that is there and was not read."""


def no_code(reading: Reading) -> Iterator[Finding]:
    """One open question when there was no code at all: then nothing was judged.

    Where another result says what was found and not read, it says this as well.
    """
    is_said = any(problem.rule in _NOT_READ for problem in reading.problems)
    if not reading.estate.roots and reading.source is Source.CODE and not is_said:
        yield Finding(
            kind=FindingKind.UNDECIDED,
            rule="no-code",
            severity=Severity.MEDIUM,
            title="No Terraform code was found",
            message=(
                "The code folder holds no root module: no folder with Terraform files that no other "
                "folder calls. Is it the right folder?"
            ),
            subject="no code",
        )


def outside_findings(topology: Topology, reading: Reading) -> Iterator[Finding]:
    """One note for each account, and each region of an account, that the topology leaves out.

    And one when there was no code at all, although the topology asks for something.
    """
    estate = reading.estate
    for finding in no_code(reading):
        if intend(topology).records:
            yield finding
    accounts = topology.managed_accounts_by_id
    left = {str(account.id): name for name, account in topology.accounts.items()}
    first: dict[tuple[str, str], Record] = {}
    for record in estate.records:
        # Layers above all others have notes of their own, and so have other ways to give access.
        if isinstance(record.account, Unknown) or record.kind in LAYERS | {Kind.OTHER_ACCESS}:
            continue
        account = accounts.get(record.account)
        if account is None:
            first.setdefault((record.account, ""), record)
        elif isinstance(record.region, str) and record.region not in account.regions:
            first.setdefault((record.account, record.region), record)
    for (account_id, region), record in sorted(first.items()):
        what = f"region {region} of account {account_id}" if region else f"account {account_id}"
        why = f"the topology does not name that {'region' if region else 'account'}"
        if not region and account_id in left:
            why = f"the topology leaves {left[account_id]} to its owner (`managed: false`)"
        yield Finding(
            kind=FindingKind.FINDING,
            rule="outside-topology",
            severity=Severity.INFO,
            title=f"{_holds(reading.source)} outside of the topology was not judged",
            message=(
                f"`{record.address}` and whatever else belongs to {what} was not judged, since {why}."
            ),
            subject=what,
            address=record.address,
            location=record.span,
            roots=(record.root,),
        )


def _holds(source: Source) -> str:
    return "What AWS has" if source is Source.LIVE else capital(source)
