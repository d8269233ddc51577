"""What several processes read together: the folders, and shares of them that each takes in turn."""

from collections.abc import Sequence
from pathlib import Path

from generator.frozen_data import frozen
from generator.hcl.root import RootReader, RootReading
from generator.hcl.roots import FolderCalls


@frozen
class Share:
    """Some neighbouring folders: the number of the first, and of the one behind the last.

    An empty one says that there is no more.
    """

    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start


@frozen
class Work:
    """All folders that are to be read, and which of them are roots for sure."""

    folders: tuple[Path, ...]
    sure: frozenset[Path]

    def of(self, share: Share) -> tuple[Path, ...]:
        """The folders of a share."""
        return self.folders[share.start : share.stop]

    def parsed(self, reader: RootReader, share: Share) -> list[FolderCalls]:
        """Parse the folders of a share, and say what each calls."""
        return reader.calls(self.of(share))

    def evaluated(
        self, reader: RootReader, calls: Sequence[FolderCalls]
    ) -> dict[Path, RootReading]:
        """Evaluate the sure roots among folders that were parsed."""
        return {
            entry.folder: reader.read(entry.folder) for entry in calls if entry.folder in self.sure
        }


class Shares:
    """Shares of the folders: small ones from the front, and large ones from behind, until all are given.

    A large one is a part of what is left, so that all who take shares end at about the same time.
    """

    def __init__(self, sizes: Sequence[int], workers: int) -> None:
        """The folders' `sizes` are in bytes."""
        self._sizes = sizes
        self._workers = workers
        self._start, self._stop = 0, len(sizes)
        self._left = sum(sizes)

    def small(self) -> Share:
        """The next folder, if there is one left."""
        start = self._start
        self._start = min(start + 1, self._stop)
        return self._taken(start, self._start)

    def large(self) -> Share:
        """The last folders of what is left, at least one if there is one."""
        stop, enough = self._stop, self._left / (4 * self._workers)
        size = 0
        while self._start < self._stop and size <= enough:
            self._stop -= 1
            size += self._sizes[self._stop]
        return self._taken(self._stop, stop)

    def _taken(self, start: int, stop: int) -> Share:
        self._left -= sum(self._sizes[start:stop])
        return Share(start=start, stop=stop)
