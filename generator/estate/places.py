"""Where a person would write what is missing."""

from generator.model.estate import Estate, Record
from generator.model.span import Span


def place_of(estate: Estate, missing: Record) -> Span | None:
    """The nearest block of the code that could hold a missing record; else its root's beginning.

    `missing` is an intended record, whose address says in which block `generate` would write it.
    """
    if (block := block_of(estate, missing)) is not None:
        return block
    root = estate.root_of(missing.root, missing.account)
    return None if root is None else root.first_file


def block_of(estate: Estate, missing: Record) -> Span | None:
    """The nearest block of the code that could hold a missing record, `None` where there is none."""
    address = missing.address
    if address.endswith('"]'):
        address = address.rpartition('["')[0]
    places = estate.places_of(missing.root)
    while address:
        if address in places:
            return places[address]
        address = address.rpartition(".")[0]
    return None
