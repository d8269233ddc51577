"""Ends a run that takes longer than somebody is ready to wait."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from generator.model.finding import Finding, FindingKind, Severity

_AGAIN = 5.0
"""Seconds until a run that goes on all the same is told once more: Python loses an exception here and there."""


class OutOfTime(BaseException):
    """The time of the run is up."""


def start(seconds: float) -> None:
    """Let `OutOfTime` be raised after so many seconds, where the system can do that."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGALRM, _ring)
        signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN)


def stop() -> None:
    """Let the run go on for as long as it takes."""
    if hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread():
        signal.setitimer(signal.ITIMER_REAL, 0)


@contextmanager
def stopped_afterwards() -> Iterator[None]:
    """Stop the clock at the end, however that comes."""
    try:
        yield
    finally:
        stop()


def out_of_time(seconds: float) -> Finding:
    """The result that stands for all that was not decided."""
    return Finding(
        kind=FindingKind.UNDECIDED,
        rule="out-of-time",
        severity=Severity.HIGH,
        title="The time was up before anything was decided",
        message=f"`--timeout` lets the run take {seconds:g} seconds, and that was not enough: nothing is "
        "known of what was to be read. Allow more, or read less at once (`--code`). A folder that takes "
        "very long for its size may be made to.",
        subject="timeout",
    )


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
