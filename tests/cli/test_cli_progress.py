"""The progress of long work on stderr: on a terminal, in a log, and where nobody wants it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest
from cli_running import TOPOLOGY, inside, write_topology

from generator.cli import progress, watcher
from generator.cli.main import run
from generator.cli.watcher import Pace, Watcher
from generator.model.progress import begin, begin_nothing, counted, stage_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TextIO

AT_ONCE = Pace(first=0.001, look=0.001, log=0.001)
LATER = Pace(first=3600, look=0.001, log=3600)

needs_a_terminal = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has no pseudo-terminals: run on another system"
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with a topology and the code that belongs to it."""
    write_topology(tmp_path, TOPOLOGY)
    with inside(tmp_path), contextlib.redirect_stdout(io.StringIO()):
        assert run(["generate"]) == 0
    return tmp_path


@contextlib.contextmanager
def _stderr(*, is_terminal: bool) -> Iterator[list[str]]:
    """Stderr as a real terminal or pipe; the list holds afterwards what was written to it."""
    out: list[str] = []
    parts: list[bytes] = []
    read, write = os.openpty() if is_terminal else os.pipe()

    def drain() -> None:
        # A terminal whose other side is closed is an error to read from.
        with contextlib.suppress(OSError):
            while part := os.read(read, 65536):
                parts.append(part)

    reader = threading.Thread(target=drain)
    reader.start()
    stream: TextIO
    with (
        os.fdopen(write, "w", encoding="utf-8", newline="") as stream,
        contextlib.redirect_stderr(stream),
    ):
        yield out
    reader.join()
    os.close(read)
    out.append(b"".join(parts).decode())


def _ran(folder: Path, *arguments: str, is_terminal: bool) -> tuple[int, str, str]:
    stdout = io.StringIO()
    with (
        inside(folder),
        contextlib.redirect_stdout(stdout),
        _stderr(is_terminal=is_terminal) as err,
    ):
        code = run(arguments)
    return code, stdout.getvalue(), err[0]


def _wait_for(happened: Callable[[], object]) -> None:
    """Wait for what another thread does, which a busy machine may do late."""
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.001)


class _Seen(Watcher):
    """Lets the work begin once a line was shown, which a busy machine may do late."""

    def start(self) -> None:
        self.seen = threading.Event()
        begin("beginning")
        super().start()
        if self._redraws is not None and self._pace is AT_ONCE:
            assert self.seen.wait(20)

    def _show(self, text: str) -> None:
        super()._show(text)
        self.seen.set()


def _watches(monkeypatch: pytest.MonkeyPatch, pace: Pace) -> None:
    for name in ("NO_COLOR", "CI", "TERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(watcher, "PACE", pace)
    monkeypatch.setattr(progress, "Watcher", _Seen)


@needs_a_terminal
@pytest.mark.parametrize("command", ["drift", "check", "generate"])
def test_a_terminal_sees_one_line_that_is_gone_at_the_end(
    project: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    _watches(monkeypatch, AT_ONCE)

    code, out, err = _ran(project, command, is_terminal=True)

    assert code == 0
    assert "\r\x1b[K" not in out
    assert re.match(r"\r[a-z][^\r\n]+, \d+ s\x1b\[K\r", err)
    assert err.endswith("\r\x1b[K")
    assert "\n" not in err
    assert all(len(line) < 80 for line in err.split("\r"))


@needs_a_terminal
def test_a_line_is_as_short_as_the_terminal_of_stderr(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def size(descriptor: int) -> os.terminal_size:
        asked.append(descriptor)
        return os.terminal_size((10, 24))

    with _stderr(is_terminal=True) as err:
        monkeypatch.setattr(os, "get_terminal_size", size)
        begin("reading root modules")
        shown = Watcher(sys.stderr, redraws=True, pace=AT_ONCE)
        shown.start()
        _wait_for(lambda: asked)
        shown.stop()
        begin_nothing()
        assert set(asked) == {sys.stderr.fileno()}

    assert err[0].startswith("\rreading r\x1b[K")


@needs_a_terminal
@pytest.mark.parametrize(
    ("variable", "value", "arguments"),
    [("NO_COLOR", "1", ()), ("CI", "true", ()), ("TERM", "dumb", ()), ("X", "", ("--quiet",))],
)
def test_who_wants_no_line_that_changes_gets_none(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str,
    arguments: tuple[str, ...],
) -> None:
    _watches(monkeypatch, AT_ONCE)
    monkeypatch.setenv(variable, value)

    assert _ran(project, "drift", *arguments, is_terminal=True)[::2] == (0, "")


@pytest.mark.parametrize("is_terminal", [pytest.param(True, marks=needs_a_terminal), False])
def test_work_that_is_done_soon_shows_nothing(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_terminal: bool,
) -> None:
    _watches(monkeypatch, LATER)

    assert _ran(project, "drift", is_terminal=is_terminal)[2] == ""
    assert (Pace().first, Pace().log) == (1.0, 30.0)


def test_a_log_gets_a_whole_line_now_and_then(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _watches(monkeypatch, AT_ONCE)

    code, out, err = _ran(project, "drift", "--format", "json", is_terminal=False)

    assert code == 0
    assert out.startswith("{")
    assert err
    assert all(re.fullmatch(r"forebay: [^\r\x1b]+, \d+ s", line) for line in err.splitlines())
    assert _ran(project, "drift", "--quiet", is_terminal=False)[2] == ""


@needs_a_terminal
def test_what_is_said_in_between_stands_on_a_line_of_its_own(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _watches(monkeypatch, AT_ONCE)
    write_topology(project, TOPOLOGY.replace("registry_policy: create", "registry_policy: Create"))

    code, _, err = _ran(project, "drift", "--fix", is_terminal=True)

    assert code == 0
    lines = err.replace("\r\n", "\n")
    for said in ("--- a/topology.yaml", "fixed: topology.yaml"):
        assert re.search(rf"(^|\r\x1b\[K){said}", lines, re.MULTILINE)


def test_a_line_says_the_stage_how_much_of_it_and_since_when() -> None:
    times = iter([100.0, *([190.4] * 1000)])
    stream = io.StringIO()
    shown = Watcher(stream, redraws=False, pace=AT_ONCE, clock=lambda: next(times))

    for number in counted(range(10), "reading root modules", 10):
        if number == 7:
            shown.start()
            _wait_for(stream.getvalue)
            shown.stop()

    assert stream.getvalue().splitlines()[0] == "forebay: reading root modules: 7 of 10, 90 s"
    assert stage_now().done == 10
    begin_nothing()


def test_nothing_is_written_once_it_is_stopped() -> None:
    stream = io.StringIO()
    shown = Watcher(stream, redraws=True, pace=AT_ONCE)
    begin("reading code")
    shown.start()
    _wait_for(stream.getvalue)

    shown.stop()

    written = stream.getvalue()
    time.sleep(0.02)
    assert written.endswith("\r\x1b[K")
    assert stream.getvalue() == written
    begin_nothing()


def test_a_stream_that_is_gone_stops_no_work() -> None:
    tried: list[str] = []

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            tried.append(text)
            return super().write(text)

    stream = Gone()
    stream.close()
    shown = Watcher(stream, redraws=True, pace=AT_ONCE)
    begin("reading code")

    shown.start()
    # The second time is after the stream said that it is gone.
    _wait_for(lambda: len(tried) > 1)
    shown.stop()

    begin_nothing()
    assert tried[-1] == "\r\x1b[K"
