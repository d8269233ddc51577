"""What a plan or state is about: some accounts of the topology, and nothing is asked of the others."""

from collections.abc import Iterator

from generator.model.estate import Unknown
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.reading import Reading, Source
from generator.model.topology import Topology
from generator.model.values import AccountId


def asked_accounts(reading: Reading) -> frozenset[AccountId] | None:
    """The accounts that the source is about; `None` for code, which has to hold them all."""
    if reading.source is Source.CODE:
        return None
    return frozenset(
        root.account for root in reading.estate.roots if not isinstance(root.account, Unknown)
    )


def unasked_findings(topology: Topology, reading: Reading) -> Iterator[Finding]:
    """Which accounts were not compared, once each; and whether anything was compared at all."""
    asked = asked_accounts(reading)
    if asked is None or any(finding.kind is FindingKind.ERROR for finding in reading.problems):
        return
    if reading.source is Source.LIVE:
        yield from _not_in_snapshot(topology, asked)
        return
    source = reading.source
    for root in reading.estate.roots:
        if isinstance(root.account, Unknown):
            yield Finding(
                kind=FindingKind.UNDECIDED,
                rule="nothing-compared",
                severity=Severity.HIGH,
                title=f"Cannot tell which account the {source} is about",
                message=(
                    f"`{root.name}`: no provider configuration names an account literally, and no "
                    "resource shows one, so it is not known what should be in it. Write "
                    "`allowed_account_ids` with one account into the provider block."
                ),
                subject=root.name,
                location=root.first_file,
            )
    left_out = [
        account for account in topology.managed_accounts.values() if account.id not in asked
    ]
    if asked and len(left_out) == len(topology.managed_accounts):
        yield Finding(
            kind=FindingKind.UNDECIDED,
            rule="nothing-compared",
            severity=Severity.HIGH,
            title=f"The {source} is about no account of the topology",
            message=(
                f"The {source} acts in {', '.join(sorted(asked))}, so nothing was compared with the "
                f"topology. Give a {source} of a root module of one of its accounts."
            ),
            subject=f"no account in the {source}",
            location=next(root.first_file for root in reading.estate.roots),
        )
        return
    for account in left_out:
        yield Finding(
            kind=FindingKind.FINDING,
            rule="not-compared",
            severity=Severity.INFO,
            title=f"No {source} of account {account.name} was given",
            message=(
                f"No {source} that was given acts in account {account.name} ({account.id}), so "
                f"nothing is said about it. Give its {source} as well, with `--{source}`."
            ),
            subject=f"{source} of account {account.id}",
            topology=account.span,
        )


def _not_in_snapshot(topology: Topology, asked: frozenset[AccountId]) -> Iterator[Finding]:
    """One note for each account that no snapshot is about; an open question when all are."""
    left_out = [
        account for account in topology.managed_accounts.values() if account.id not in asked
    ]
    if len(left_out) == len(topology.managed_accounts):
        yield Finding(
            kind=FindingKind.UNDECIDED,
            rule="nothing-compared",
            severity=Severity.HIGH,
            title="The snapshot is about no account of the topology",
            message=(
                f"It was taken of {', '.join(sorted(asked)) or 'no account at all'}, so nothing was "
                "compared with the topology. Take one with this topology."
            ),
            subject="no account in the snapshot",
        )
        return
    for account in left_out:
        yield Finding(
            kind=FindingKind.FINDING,
            rule="not-compared",
            severity=Severity.INFO,
            title=f"No snapshot of account {account.name} was given",
            message=(
                f"No snapshot that was given is about account {account.name} ({account.id}), so nothing "
                f"is said about it. Take it with `forebay snapshot --account {account.name}`, and give "
                "both files."
            ),
            subject=f"snapshot of account {account.id}",
            topology=account.span,
        )
