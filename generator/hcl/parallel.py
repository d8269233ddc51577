"""Reads many roots in several processes, and few of them in this one.

The other processes start isolated: neither the checkout, where a stranger's `signal.py` may lie, nor
the environment has a say in what they import. What goes over their pipes is data, and never on disk.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TypeVar

from generator.frozen_data import frozen
from generator.garbage import collect_rarely, collecting_rarely
from generator.hcl.plain_forms import NoFormError, read_back, written
from generator.hcl.relevance import CodeFolder
from generator.hcl.root import RootReader, RootReading, RootSetup, RootsRead
from generator.hcl.roots import FolderCalls
from generator.model.finding import Finding
from generator.model.progress import begin, counted

_Sort = TypeVar("_Sort")

_READING = "reading root modules"

START_COST = 150_000
"""How many bytes of code this process reads while another one starts."""

WORTH_IT = 3 * START_COST
"""Less code than this is read sooner by one process."""


@frozen
class FoldersRead:
    """What the code of many folders says: what each calls, its roots, the problems of its files.

    `others` are the roots among the folders that were known without reading.
    """

    calls: tuple[FolderCalls, ...]
    roots: tuple[RootReading, ...]
    problems: tuple[Finding, ...]
    others: frozenset[Path]


def read_in_parallel(
    reader: RootReader,
    folders: Sequence[CodeFolder],
    *,
    workers: int,
    known: Sequence[FolderCalls] = (),
) -> FoldersRead:
    """Read the roots among the folders, and the problems of all files; the same for any `workers`.

    Each process parses its share of the folders, then evaluates the roots among them. Of what other
    folders call, which is `known`, roots are told as well; these are not read.
    """
    sizes = [entry.size for entry in folders]
    if workers < 2 or len(folders) < 2 or sum(sizes) < WORTH_IT:
        found = reader.calls([entry.folder for entry in folders])
        roots, others = _roots(reader, found, known)
        alone = tuple(reader.read(folder) for folder in counted(roots, _READING, len(roots)))
        return FoldersRead(
            calls=(*found, *known),
            roots=alone,
            problems=tuple(reader.project.problems),
            others=others,
        )
    shares = _shares([entry.folder for entry in folders], sizes, workers)
    helpers = [_Helper(reader, share) for share in shares[1:]]
    try:
        found = reader.calls(shares[0])
        for helper in helpers:
            found += helper.calls()
        # In the order of the folders, whoever parsed them.
        roots, others = _roots(reader, found, known)
        for helper in helpers:
            helper.ask([folder for folder in roots if folder in helper.folders])
        elsewhere = {folder for helper in helpers for folder in helper.folders}
        stage = begin(_READING, len(roots))
        read: dict[Path, RootReading] = {}
        for folder in roots:
            if folder not in elsewhere:
                read[folder] = reader.read(folder)
                stage.done += 1
        problems = list(reader.project.problems)
        for helper in helpers:
            theirs = helper.answer()
            read.update(theirs.roots)
            stage.done += len(theirs.roots)
            reader.project.looks.update(theirs.looks)
            problems += theirs.problems
    finally:
        for helper in helpers:
            helper.stop()
    return FoldersRead(
        calls=(*found, *known),
        roots=tuple(read[folder] for folder in roots),
        problems=tuple(problems),
        others=others,
    )


def _roots(
    reader: RootReader, found: Sequence[FolderCalls], known: Sequence[FolderCalls]
) -> tuple[list[Path], frozenset[Path]]:
    """The roots among the folders that were parsed, and those among the others."""
    known_folders = {entry.folder for entry in known}
    every = reader.roots([*found, *known], known_folders)
    roots = [folder for folder in every if folder not in known_folders]
    return roots, frozenset(every).intersection(known_folders)


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


# Folders of modules go behind those of Python itself, so that none can take a name of its library.
_START = "import sys; sys.path += sys.argv[1:]; from generator.hcl.parallel import serve; serve()"


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
        import subprocess

        with _ctrl_c_held_back():
            self._process = subprocess.Popen(  # noqa: S603 - the Python that runs this
                [sys.executable, "-I", "-c", _START, *_import_folders()],
                cwd=Path(sys.executable).parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What goes wrong there goes wrong here as well, and is said here.
                stderr=subprocess.DEVNULL,
            )
        self._send(Path.cwd(), reader.setup, tuple(self._in_order))

    def calls(self) -> list[FolderCalls]:
        """What the other process says about its folders."""
        found = self._received(tuple)
        return self._reader.calls(self._in_order) if found is None else list(found)

    def ask(self, roots: list[Path]) -> None:
        """Have these roots evaluated."""
        self._asked = roots
        self._send(tuple(roots))

    def answer(self) -> RootsRead:
        """The roots that were asked for, and the problems of the files that were parsed."""
        found = self._received(RootsRead)
        if found is not None:
            return found
        self._reader.calls(self._in_order)
        return RootsRead(
            roots={folder: self._reader.read(folder) for folder in self._asked},
            problems=tuple(self._reader.project.problems),
            looks={},
        )

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.terminate()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                self._stream(stream).close()
        self._process.wait()

    def _send(self, *messages: object) -> None:
        if not self._is_alive:
            return
        try:
            _send(self._stream(self._process.stdin), *messages)
        except OSError:
            self._is_alive = False

    def _received(self, sort: type[_Sort]) -> _Sort | None:
        """The next message of the other process, `None` when it is dead."""
        if self._is_alive:
            try:
                return _received(self._stream(self._process.stdout), sort)
            except (NoFormError, OSError):
                self._is_alive = False
        return None

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None  # noqa: S101 - both are pipes
        return stream


def _import_folders() -> list[str]:
    """Where this process finds modules, without the working folder."""
    here = os.path.realpath(Path.cwd())
    package = Path(__file__).resolve().parents[2]
    found = [folder for folder in sys.path if folder and os.path.realpath(folder) != here]
    return [*found, str(package)]


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


def serve() -> None:
    """Work for another process until it has its answer, or is gone."""
    import signal

    collect_rarely()
    # Ctrl-C reaches both processes; the one that asked ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asks, answers = sys.stdin.buffer, sys.stdout.buffer
    try:
        os.chdir(_received(asks, Path))
        reader = RootReader(_received(asks, RootSetup))
        _send(answers, tuple(reader.calls(_received(asks, tuple))))
        roots = {folder: reader.read(folder) for folder in _received(asks, tuple)}
        project = reader.project
        _send(
            answers,
            RootsRead(roots=roots, problems=tuple(project.problems), looks=project.looks),
        )
    except (NoFormError, OSError):
        return


def _send(stream: IO[bytes], *messages: object) -> None:
    """Send each message as a line of data; raises `NoFormError` for what is none."""
    for message in messages:
        stream.write(f"{written(message)}\n".encode())
    stream.flush()


def _received(stream: IO[bytes], sort: type[_Sort]) -> _Sort:
    """The next message; raises `NoFormError` for anything else, such as the end."""
    with collecting_rarely():
        return read_back(stream.readline(), sort)
