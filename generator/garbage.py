"""How often Python looks for circles of garbage: trees have none, and looking costs up to a fifth."""

import contextlib
import gc
from collections.abc import Iterator


def collect_rarely() -> None:
    """Look less often, for the rest of a short run: it makes many objects and keeps nearly all."""
    gc.set_threshold(2_000_000, 50, 100)


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """Look less often meanwhile."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 50_000), *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
