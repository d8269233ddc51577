"""Who gets what before and after a change, as `check --since` shows it."""

from dataclasses import replace

from generator.grants.access_changes import AccessChanges, access_changes, said_of
from generator.grants.pulls import Pulls
from generator.model.reading import Reading
from generator.model.topology import Topology
from generator.report.report import Plain, ReportTable


def access_at(
    now: Reading, topology: Topology, before: Reading, declared: Topology
) -> AccessChanges:
    """Compare what the code gives now with what it gave, each by the topology of its time."""
    return access_changes(
        _pulls(before, replace(declared, asked_at=topology.asked_at)), _pulls(now, topology)
    )


def _pulls(reading: Reading, topology: Topology) -> Pulls:
    return Pulls(
        topology=topology,
        estate=reading.estate,
        statement_span=reading.statement_span,
        unread=reading.unread_modules,
        unanswered=reading.unanswered,
    )


def access_table(access: AccessChanges, revision: str) -> ReportTable:
    """The changes as a table for people."""
    return ReportTable(
        title=f"Who gets what, proved: at {revision}, and now",
        headings=("consumer", "registries", "repositories", "before", "after"),
        rows=tuple(
            (
                one.consumer,
                ", ".join(one.registries),
                ", ".join(one.repositories),
                one.before,
                one.after,
            )
            for one in access.changes
        ),
        below=tuple(said_of(access)),
    )


def access_object(access: AccessChanges) -> Plain:
    """The changes for programs."""
    return {
        "grants": access.grants,
        "left_out": access.left_out,
        "decided": access.are_decided,
        "changes": tuple(
            {
                "consumer": one.consumer,
                "registries": one.registries,
                "repositories": one.repositories,
                "before": one.before,
                "after": one.after,
            }
            for one in access.changes
        ),
    }
