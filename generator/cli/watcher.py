"""Shows on stderr how far long work is: one line that changes where a person watches, else a line now and then.

A thread looks at what the work counts, so that the work itself looks at no clock.
"""

import contextlib
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from typing import TextIO

from generator.frozen_data import frozen
from generator.model.progress import Stage, stage_now


@frozen
class Pace:
    """How many seconds pass before the first line, between two looks, and between two lines in a log."""

    first: float = 1.0
    look: float = 0.2
    log: float = 30.0


PACE = Pace()


class Watcher:
    """Shows what is being done, from a thread of its own, until it is stopped."""

    def __init__(
        self,
        stream: TextIO,
        *,
        redraws: bool | None,
        pace: Pace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._redraws = redraws
        self._pace = pace or PACE
        self._clock = clock
        self._stopped = threading.Event()
        self._writing = threading.Lock()
        self._has_line = False
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Begin to watch, where anything is to be shown."""
        if self._redraws is not None:
            self._thread.start()

    def stop(self) -> None:
        """Take the line away, and show nothing any more."""
        self._stopped.set()
        with self._writing:
            self._erase()

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away while something else is written to the same place."""
        with self._writing:
            self._erase()
            yield

    def _watch(self) -> None:
        began = self._clock()
        wait = self._pace.first if self._redraws else self._pace.log
        while not self._stopped.wait(wait):
            stage = stage_now()
            if stage.name:
                self._show(told(stage, self._clock() - began))
            wait = self._pace.look if self._redraws else self._pace.log

    def _show(self, text: str) -> None:
        with self._writing:
            if self._stopped.is_set():
                return
            if not self._redraws:
                self._write(f"forebay: {text}\n")
                return
            self._write(f"\r{text[: max(self._width() - 1, 0)]}\x1b[K")
            self._has_line = True

    def _width(self) -> int:
        """How many columns the line has, where stdout leads elsewhere as well."""
        with contextlib.suppress(OSError, ValueError):
            if width := os.get_terminal_size(self._stream.fileno()).columns:
                return width
        return shutil.get_terminal_size((80, 24)).columns

    def _erase(self) -> None:
        if self._has_line:
            self._write("\r\x1b[K")
            self._has_line = False

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def told(stage: Stage, seconds: float) -> str:
    """A stage in words: what is done, how much of it, and since when the run goes on."""
    amount = (
        f": {stage.done} of {stage.of}" if stage.of else f": {stage.done}" if stage.done else ""
    )
    return f"{stage.name}{amount}{stage.aside}, {seconds:.0f} s"
