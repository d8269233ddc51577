"""What a root makes where its conditions that are not known turn out in one way or another."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from generator.hcl.budget import Budget
from generator.hcl.module import Module
from generator.hcl.records import RootRecords
from generator.hcl.refusals import refusals
from generator.hcl.session_policies import session_policies
from generator.model.estate import Estate, Record, Root, Unknown
from generator.model.reading import Reading, StatementKey

if TYPE_CHECKING:
    from generator.model.span import Span


def supposed_readings(root: Root, module: Module, records: Sequence[Record]) -> Iterator[Reading]:
    """The root once for each way that makes other `records` of it; nothing where all is decided."""
    conditions = module.conditions
    if conditions is None or conditions.doubt is None or not records:
        return
    doubt = Unknown(reason=conditions.doubt.reason, reference=conditions.doubt.reference)
    for number in range(conditions.readings):
        again = module.again(budget=Budget(), conditions=conditions.supposed(number))
        read = RootRecords(root.name, again)
        made = (*read.records(), *session_policies(again, read))
        # Of what Terraform refuses nobody makes a plan: its conditions never turn out together so.
        is_refused = any(inner.refuses_a_local for inner in again.all_modules()) or any(
            refusals(root.name, read.instances)
        )
        if made != tuple(records) and not is_refused:
            yield Reading(
                estate=Estate(records=made, roots=(root,)),
                problems=(),
                statement_spans=read.statement_spans,
                hangs_on={root.name: doubt},
            )


def together(roots: Sequence[Sequence[Reading]]) -> tuple[Reading, ...]:
    """The supposed readings of several roots: the first of each as one, then the second, and so on."""
    most = max(map(len, roots), default=0)
    return tuple(
        _as_one([readings[number] for readings in roots if number < len(readings)])
        for number in range(most)
    )


def _as_one(readings: Sequence[Reading]) -> Reading:
    spans: dict[StatementKey, Span] = {}
    for reading in readings:
        spans.update(reading.statement_spans)
    return Reading(
        estate=Estate(
            records=tuple(record for each in readings for record in each.estate.records),
            roots=tuple(root for each in readings for root in each.estate.roots),
        ),
        problems=(),
        statement_spans=spans,
        hangs_on={name: doubt for each in readings for name, doubt in each.hangs_on.items()},
    )
