"""What a root makes only when a variable has another value than its default."""

from dataclasses import field
from typing import TYPE_CHECKING

from generator.estate.resources import SHAPES
from generator.estate.resources.twins import TWINS
from generator.frozen_data import frozen
from generator.hcl.budget import Budget
from generator.hcl.module import Module
from generator.hcl.records import RootRecords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from generator.hcl.module_source import ModuleSource
    from generator.model.estate import Record
    from generator.model.reading import StatementKey
    from generator.model.span import Span


@frozen
class OffByDefault:
    """The records of blocks that a root does not make with its defaults, and their statements.

    `sources` are the modules that were looked at for them.
    """

    records: "tuple[Record, ...]" = ()
    statement_spans: "Mapping[StatementKey, Span]" = field(default_factory=dict)
    sources: "tuple[ModuleSource, ...]" = ()


def off_by_default(name: str, module: Module) -> OffByDefault:
    """What a root makes with other values than its defaults.

    Of each record it is not known whether it is there. What a caller or a given value switches off is off.
    """
    if not _has_free_defaults(module) or not any(map(_makes_nothing, module.all_modules())):
        return OffByDefault()
    switches = module.again(budget=Budget(), without_defaults=True)
    opened = module.again(budget=Budget(), switches=switches)
    made = {
        (inner.dotted_name, *key)
        for inner in module.all_modules()
        for key, block in inner.source.resources.items()
        if any(True for _ in inner.block_instances(key, block))
    }
    read = RootRecords(name, opened)
    off = {
        instance.address
        for inner in opened.all_modules()
        for key, block in inner.source.resources.items()
        if (inner.dotted_name, *key) not in made
        for instance in inner.block_instances(key, block)
    }
    records = tuple(
        record
        for record in read.records()
        if record.uncertain is not None and any(map(record.address.startswith, off))
    )
    return OffByDefault(
        records=records,
        statement_spans=read.statement_spans,
        sources=tuple(inner.source for inner in opened.all_modules()),
    )


def _has_free_defaults(module: Module) -> bool:
    return any(
        "default" in block.body.attributes and not module.is_given(name)
        for name, block in module.source.variables.items()
    )


def _makes_nothing(module: Module) -> bool:
    """Whether something of a module that can make records makes none."""
    blocks = (
        (key, block)
        for key, block in module.source.resources.items()
        if key[0] == "resource" and (key[1] in SHAPES or key[1] in TWINS)
    )
    return any(
        not any(True for _ in module.block_instances(key, block)) for key, block in blocks
    ) or any(module.children(name) == [] for name in module.source.calls)
