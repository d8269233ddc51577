"""Reads many roots in several processes, and few of them in this one.

The other processes start isolated: neither the checkout, where a stranger's `signal.py` may lie, nor
the environment has a say in what they import; their bytecode is this process's, unless that lies below
the working folder. What goes over their pipes is data, and never on disk.
"""

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import IO, TypeVar

from generator.frozen_data import frozen
from generator.garbage import collect_rarely, collecting_rarely
from generator.hcl.files import is_inside
from generator.hcl.plain_forms import NoFormError, read_back, written
from generator.hcl.relevance import CodeFolder
from generator.hcl.root import RootReader, RootReading, RootSetup, RootsRead
from generator.hcl.roots import FolderCalls
from generator.hcl.shares import Share, Shares, Work
from generator.hcl.sure_roots import sure_roots
from generator.model.finding import Finding
from generator.model.progress import begin, counted

_Sort = TypeVar("_Sort")

_READING = "reading root modules"

WORTH_IT = 450_000
"""Less code than this, in bytes, is read sooner by one process: another one has to start first."""

_SHARES_AHEAD = 2
"""How many shares another process has at once: it goes on with the next while its answer waits."""


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

    Each process takes some folders at a time, parses them, and evaluates those that are roots for
    sure; the others wait until all is parsed. Of what other folders call, which is `known`, roots
    are told as well; these are not read.
    """
    size = sum(entry.size for entry in folders)
    if workers < 2 or len(folders) < 2 or size < WORTH_IT:
        places = [entry.folder for entry in folders]
        found = reader.calls(counted(places, "parsing code", len(places)))
        roots, others = _roots(reader, found, known)
        alone = tuple(reader.read(folder) for folder in counted(roots, _READING, len(roots)))
        return FoldersRead(
            calls=(*found, *known),
            roots=alone,
            problems=tuple(reader.project.problems),
            others=others,
        )
    work = Work(
        folders=tuple(entry.folder for entry in folders),
        sure=sure_roots(folders, known, reader.setup.links),
    )
    shares = Shares([entry.size for entry in folders], workers)
    stage = begin(_READING, len(folders))
    calls: list[FolderCalls] = []
    read: dict[Path, RootReading] = {}
    helpers = [_Helper(reader, work) for _ in range(workers - 1)]
    try:
        while share := shares.small():
            for helper in helpers:
                while helper.wants_more and (large := shares.large()):
                    helper.ask(large)
            parsed = work.parsed(reader, share)
            calls += parsed
            read.update(work.evaluated(reader, parsed))
            stage.done += len(share)
            for helper in helpers:
                stage.done += helper.listen(waits=False)
        for helper in helpers:
            stage.done += helper.listen(waits=True)
            calls += helper.calls()
        # In the order of the folders, whoever parsed them.
        order = {folder: number for number, folder in enumerate(work.folders)}
        calls.sort(key=lambda entry: order[entry.folder])
        roots, others = _roots(reader, calls, known)
        waiting = [folder for folder in roots if folder not in work.sure]
        for helper in helpers:
            helper.finish([folder for folder in waiting if folder in helper.folders])
        elsewhere = frozenset[Path]().union(*(helper.folders for helper in helpers))
        read.update((root, reader.read(root)) for root in waiting if root not in elsewhere)
        problems = list(reader.project.problems)
        for helper in helpers:
            for theirs in helper.answers():
                read.update(theirs.roots)
                reader.project.looks_elsewhere(theirs.looks)
                problems += theirs.problems
    finally:
        for helper in helpers:
            helper.stop()
    return FoldersRead(
        calls=(*calls, *known),
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


# Folders of modules go behind those of Python itself, so that none can take a name of its library.
_START = "import sys; sys.path += sys.argv[1:]; from generator.hcl.parallel import serve; serve()"


class _Helper:
    """Another process, which does what it is asked to do in the order that it is asked.

    When it dies, this process does its work: the result is late, and still complete.
    """

    def __init__(self, reader: RootReader, work: Work) -> None:
        self.folders: set[Path] = set()
        self._reader = reader
        self._work = work
        self._shares: list[Share] = []
        self._parsed: list[tuple[FolderCalls, ...]] = []
        self._waiting: list[Path] = []
        self._is_alive = True
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        import subprocess

        with _ctrl_c_held_back():
            self._process = subprocess.Popen(  # noqa: S603 - the Python that runs this
                [sys.executable, "-I", *_bytecode(), "-c", _START, *_import_folders()],
                cwd=Path(sys.executable).parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                # What goes wrong there goes wrong here as well, and is said here.
                stderr=subprocess.DEVNULL,
            )
            self._listener = Thread(target=self._take_lines, daemon=True)
            self._listener.start()
        self._send(Path.cwd(), reader.setup, work)

    @property
    def wants_more(self) -> bool:
        """Whether it would have nothing to do once it has answered."""
        return self._is_alive and len(self._shares) < len(self._parsed) + _SHARES_AHEAD

    def ask(self, share: Share) -> None:
        """Have a share of the folders parsed, and the sure roots among them evaluated."""
        self._shares.append(share)
        self.folders.update(self._work.of(share))
        self._send(share)

    def listen(self, *, waits: bool) -> int:
        """Take what it says of its shares; how many folders it has dealt with meanwhile."""
        dealt_with = 0
        while len(self._parsed) < len(self._shares):
            calls = self._received(tuple, waits=waits)
            if calls is None:
                break
            dealt_with += len(self._shares[len(self._parsed)])
            self._parsed.append(calls)
        return dealt_with

    def calls(self) -> list[FolderCalls]:
        """What its folders call."""
        done = len(self._parsed)
        found = [entry for calls in self._parsed for entry in calls]
        for share in self._shares[done:]:
            found += self._work.parsed(self._reader, share)
        return found

    def finish(self, waiting: list[Path]) -> None:
        """Have these of its folders evaluated as well, and have it tell what all of them say."""
        self._waiting = waiting
        if self._shares:
            self._send(Share(start=0, stop=0), tuple(waiting))

    def answers(self) -> Iterator[RootsRead]:
        """What its roots say, and the problems of the files that it parsed."""
        found: list[RootsRead] = []
        # One answer for each share, and one for what had to wait.
        while self._shares and len(found) <= len(self._shares):
            answer = self._received(RootsRead)
            if answer is None:
                return self._own_answers()
            found.append(answer)
        return iter(found)

    def _own_answers(self) -> Iterator[RootsRead]:
        work, reader = self._work, self._reader
        roots = {}
        for share in self._shares:
            roots.update(work.evaluated(reader, work.parsed(reader, share)))
        roots.update((folder, reader.read(folder)) for folder in self._waiting)
        # What this process looked at is known.
        yield RootsRead(roots=roots, problems=tuple(reader.project.problems), looks={})

    def stop(self) -> None:
        """End the process, whatever it does."""
        self._process.terminate()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                self._stream(stream).close()
        self._process.wait()

    def _send(self, *messages: object) -> None:
        if not self._is_alive:
            return
        try:
            _send(self._stream(self._process.stdin), *map(_line, messages))
        except OSError:
            self._is_alive = False

    def _received(self, sort: type[_Sort], *, waits: bool = True) -> _Sort | None:
        """The next message of the other process, `None` when there is none, or it is dead."""
        while self._is_alive:
            try:
                return read_back(self._lines.get(block=waits), sort)
            except Empty:
                return None
            except NoFormError:
                self._is_alive = False
        return None

    def _take_lines(self) -> None:
        """Take each line as it comes, so that the other process need not wait; an empty one at the end."""
        line = b"first"
        while line:
            try:
                line = self._stream(self._process.stdout).readline()
            except (OSError, ValueError):
                line = b""
            self._lines.put(line)

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None  # noqa: S101 - both are pipes
        return stream


def _bytecode() -> tuple[str, ...]:
    """Where this process has its bytecode: without it, another one would compile all modules anew."""
    prefix = sys.pycache_prefix
    if prefix is None or not Path(prefix).is_absolute() or is_inside(Path(prefix), Path.cwd()):
        return ()
    return ("-X", f"pycache_prefix={prefix}")


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
    """Work for another process until it has its answers, or is gone."""
    import signal

    collect_rarely()
    # Ctrl-C reaches both processes; the one that asked ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asks, answers = sys.stdin.buffer, sys.stdout.buffer
    told: list[bytes] = []
    try:
        os.chdir(_received(asks, Path))
        reader = RootReader(_received(asks, RootSetup))
        work = _received(asks, Work)
        while share := _received(asks, Share):
            parsed = work.parsed(reader, share)
            _send(answers, _line(tuple(parsed)))
            roots = work.evaluated(reader, parsed)
            # Written now, while the other process has work of its own.
            told.append(_line(RootsRead(roots=roots, problems=(), looks={})))
        project = reader.project
        rest = RootsRead(
            roots={folder: reader.read(folder) for folder in _received(asks, tuple)},
            problems=tuple(project.problems),
            looks=project.looks,
        )
        _send(answers, *told, _line(rest))
    except (NoFormError, OSError):
        return


def _line(message: object) -> bytes:
    """A message as a line of data; raises `NoFormError` for what is none."""
    return f"{written(message)}\n".encode()


def _send(stream: IO[bytes], *lines: bytes) -> None:
    stream.writelines(lines)
    stream.flush()


def _received(stream: IO[bytes], sort: type[_Sort]) -> _Sort:
    """The next message; raises `NoFormError` for anything else, such as the end."""
    with collecting_rarely():
        return read_back(stream.readline(), sort)
