"""Which blocks of code are about caches, for advice of other programs that would break one."""

from collections.abc import Iterable

from generator.model.estate import Kind, Record
from generator.model.reading import Reading
from generator.model.upstreams import SECRET_PREFIX
from generator.programs.checkov import CacheBlocks, block_of


def cache_blocks(readings: Iterable[Reading]) -> CacheBlocks:
    """The secrets of caches, and the repositories below the prefix of a cache rule."""
    records = [record for reading in readings for record in reading.estate.records]
    prefixes = {
        record.key
        for record in records
        if record.kind is Kind.CACHE_RULE and isinstance(record.key, str)
    }
    beginnings = tuple(f"{prefix}/" for prefix in prefixes)
    return CacheBlocks(
        secrets=_blocks(records, Kind.SECRET, (SECRET_PREFIX,)),
        repositories=_blocks(records, Kind.REPOSITORY, beginnings),
    )


def _blocks(records: Iterable[Record], kind: Kind, beginnings: tuple[str, ...]) -> frozenset[str]:
    """The blocks all of whose instances have a key that begins so: an advice is for a whole block."""
    found: dict[str, bool] = {}
    for record in records:
        if record.kind is kind:
            fits = isinstance(record.key, str) and record.key.startswith(beginnings)
            block = block_of(record.address)
            found[block] = found.get(block, True) and fits
    return frozenset(block for block, fits in found.items() if fits)
