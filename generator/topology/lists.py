"""Words and lists out of mappings that fit their shapes."""

from generator.model.values import Region
from generator.topology.contents import Entries, Items, Text
from generator.topology.declarations import PlacedRegion


def word_of(entries: Entries | None, key: str, default: str) -> str:
    """The text under a key, or the default where there is none."""
    text = entries.text(key) if entries is not None else None
    return text.text if text is not None else default


def texts_of(items: Items | None) -> tuple[Text, ...]:
    """The texts of a list."""
    if items is None:
        return ()
    return tuple(item for item in items.items if isinstance(item, Text))


def regions_of(entries: Entries) -> tuple[PlacedRegion, ...] | None:
    """The regions under the key `regions`, `None` where there is no such list."""
    items = entries.items("regions")
    if items is None:
        return None
    return tuple(
        PlacedRegion(region=Region.parse(text.text), place=text.place) for text in texts_of(items)
    )


def is_list_whole(entries: Entries, key: str) -> bool:
    """Whether a list is absent or without mistakes."""
    items = entries.items(key)
    return key not in entries.broken and (items is None or items.is_whole)
