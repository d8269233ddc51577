"""Reads many roots in several processes, and few of them in this one."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.hcl.root import RootReader, RootReading
from generator.hcl.roots import CodeFolder, FolderCalls
from generator.hcl.settings import ReadingSettings
from generator.model.finding import Finding
from generator.model.topology import Topology

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.context import SpawnProcess

START_COST = 150_000
"""How many bytes of code this process reads while another one starts."""

WORTH_IT = 3 * START_COST
"""Less code than this is read sooner by one process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setup:
    """What another process needs to read as this one does."""

    code: Path
    project_root: Path
    topology: Topology | None
    cache_folder: Path | None
    settings: ReadingSettings

    def reader(self) -> RootReader:
        return RootReader(
            code=self.code,
            project_root=self.project_root,
            topology=self.topology,
            cache_folder=self.cache_folder,
            settings=self.settings,
        )


def read_in_parallel(
    reader: RootReader,
    folders: Sequence[CodeFolder],
    skipped: Sequence[CodeFolder],
    *,
    workers: int,
) -> tuple[list[RootReading], list[Finding]]:
    """Read the roots among the folders, and the problems of all files; the same for any `workers`.

    Each process parses its share of the folders, then evaluates the roots among them.
    """
    sizes = [entry.size for entry in folders]
    if workers < 2 or len(folders) < 2 or sum(sizes) < WORTH_IT:
        found = reader.calls([entry.folder for entry in folders])
        return [reader.read(folder) for folder in reader.roots(found, skipped)], [
            *reader.project.problems
        ]
    shares = _shares([entry.folder for entry in folders], sizes, workers)
    helpers = [_Helper(reader, share) for share in shares[1:]]
    try:
        found = reader.calls(shares[0])
        for helper in helpers:
            found += helper.calls()
        # In the order of the folders, whoever parsed them.
        roots = reader.roots(found, skipped)
        for helper in helpers:
            helper.ask([folder for folder in roots if folder in helper.folders])
        elsewhere = {folder for helper in helpers for folder in helper.folders}
        read = {folder: reader.read(folder) for folder in roots if folder not in elsewhere}
        problems = list(reader.project.problems)
        for helper in helpers:
            theirs, their_problems = helper.answer()
            read.update(theirs)
            problems += their_problems
    finally:
        for helper in helpers:
            helper.stop()
    return [read[folder] for folder in roots], problems


def _shares(folders: Sequence[Path], sizes: Sequence[int], workers: int) -> list[list[Path]]:
    """Neighbouring folders for each process; the first share is larger by what a start costs."""
    each = (sum(sizes) - START_COST) / workers
    shares: list[list[Path]] = [[]]
    left = each + START_COST
    for folder, size in zip(folders, sizes, strict=True):
        if left <= 0 and len(shares) < workers:
            shares.append([])
            left += each
        shares[-1].append(folder)
        left -= size
    return shares


_Answer = tuple[dict[Path, RootReading], list[Finding]]


class _Helper:
    """Another process with its share of the folders.

    When it dies, this process does its work: the result is late, and still complete.
    """

    def __init__(self, reader: RootReader, folders: Sequence[Path]) -> None:
        self.folders = frozenset(folders)
        self._in_order = list(folders)
        self._reader = reader
        self._asked: list[Path] = []
        self._is_alive = True
        setup = _Setup(
            code=reader.code,
            project_root=reader.project.project_root,
            topology=reader.topology,
            cache_folder=reader.cache_folder,
            settings=reader.project.settings,
        )
        import multiprocessing

        # Spawned everywhere: a fork would copy whatever else this process is doing.
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_serve, args=(theirs, setup, self._in_order), daemon=True
        )
        with _ctrl_c_held_back():
            self._process.start()
        theirs.close()

    def calls(self) -> list[FolderCalls]:
        """What the other process says about its folders."""
        try:
            received: list[FolderCalls] = self._connection.recv()
        except (EOFError, OSError):
            self._is_alive = False
            return self._reader.calls(self._in_order)
        return received

    def ask(self, roots: list[Path]) -> None:
        """Have these roots evaluated."""
        self._asked = roots
        try:
            self._connection.send(roots)
        except OSError:
            self._is_alive = False

    def answer(self) -> _Answer:
        """The roots that were asked for, and the problems of the files that were parsed."""
        if self._is_alive:
            try:
                received: _Answer = self._connection.recv()
            except (EOFError, OSError):
                pass
            else:
                return received
        self._reader.calls(self._in_order)
        read = {folder: self._reader.read(folder) for folder in self._asked}
        return read, list(self._reader.project.problems)

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._connection.close()
        self._process.terminate()
        self._process.join()


@contextlib.contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Start a process that Ctrl-C cannot stop with a traceback before it says so itself."""
    import signal

    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _serve(connection: "Connection", setup: _Setup, folders: Sequence[Path]) -> None:
    """Work for another process until it has its answer, or is gone."""
    import signal

    # Ctrl-C reaches both processes; the one that asked ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reader = setup.reader()
    try:
        connection.send(reader.calls(folders))
        asked: list[Path] = connection.recv()
        answer: _Answer = (
            {folder: reader.read(folder) for folder in asked},
            list(reader.project.problems),
        )
        connection.send(answer)
    except (EOFError, OSError):
        return
