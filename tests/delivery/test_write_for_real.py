"""Writing under the system's own hands: killed, out of room, forbidden, two at a time."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from write_trees import on_disk, root, tree

from generator.delivery.plan import plan_write
from generator.delivery.write import STAGED_SUFFIX, apply_write

if TYPE_CHECKING:
    from pathlib import Path

MANY = 40
OLD = tree(
    root(files={f"registry-policy.f{number}.json": f"# old {number}\n" for number in range(MANY)})
)
NEW = tree(
    root(
        files={
            f"registry-policy.f{number}.json": f"# new {number}\n" for number in range(0, MANY, 2)
        }
    ),
    root(
        "b",
        account_id="222233334444",
        files={f"registry-policy.g{number}.json": "# g\n" for number in range(MANY)},
    ),
)
WRITER = """
import sys
from pathlib import Path
sys.path[:0] = {folders!r}
from test_write_for_real import NEW
from generator.model.errors import ToolError
from generator.delivery.plan import plan_write
from generator.delivery.write import apply_write
{before}
plan = plan_write(NEW, Path({out!r}))
print("ready", flush=True)
sys.stdin.readline()
try:
    apply_write(plan)
except ToolError as error:
    sys.exit(f"{{error.summary}}: {{error.detail}}")
"""


def writer(out: Path, before: str = "") -> subprocess.Popen[str]:
    """A process that has planned the new tree and writes it when it is told to."""
    folders = [path for path in sys.path if path]
    script = WRITER.format(folders=folders, out=str(out), before=before)
    process = subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("now\n")
    process.stdin.flush()


def progress(out: Path) -> int:
    """How far a run has come: one more for each file that is staged, and each that is renamed."""
    staged = renamed = 0
    for path in out.glob("*/*"):
        staged += path.name.endswith(STAGED_SUFFIX)
        renamed += path.name.startswith("g")
    return staged + 2 * renamed


def test_killed_at_any_moment_each_file_is_old_or_new_and_the_next_run_finishes(
    tmp_path: Path,
) -> None:
    moments = random.Random(7).sample(range(1, 2 * MANY), 5)  # noqa: S311 - moments, no secrets
    seen = set()
    for moment in moments:
        out = tmp_path / str(moment)
        apply_write(plan_write(OLD, out))
        old = on_disk(out)
        process = writer(out)

        begin(process)
        while process.poll() is None and progress(out) < moment:
            pass
        process.send_signal(signal.SIGKILL)
        process.communicate()

        found = on_disk(out)
        half = {path for path in found if path.endswith(STAGED_SUFFIX)}
        seen.add(process.returncode)
        apply_write(plan_write(NEW, out))
        new = on_disk(out)
        for path in {*found, *old} - half:
            assert found.get(path) in (old.get(path), new.get(path))
        assert not any(path.endswith(STAGED_SUFFIX) for path in new)
        assert not plan_write(NEW, out).changes
    assert -signal.SIGKILL in seen


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on files, which Unix has")
def test_without_room_for_a_file_everything_stays_as_it_was(tmp_path: Path) -> None:
    apply_write(plan_write(OLD, tmp_path))
    before = on_disk(tmp_path)
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (64, 64))"
    process = writer(tmp_path, limit)

    begin(process)
    _, said = process.communicate()

    assert process.returncode == 1
    assert "a file cannot be written" in said
    assert ".forebay.json" in said
    assert "run the command again" in said
    assert on_disk(tmp_path) == before


def test_of_two_runs_at_once_one_writes_and_the_other_says_so(tmp_path: Path) -> None:
    apply_write(plan_write(OLD, tmp_path))
    writers = [writer(tmp_path) for _ in range(3)]

    for process in writers:
        begin(process)
    said = [process.communicate()[1] for process in writers]

    assert any(process.returncode == 0 for process in writers)
    for process, text in zip(writers, said, strict=True):
        late = "another run is writing" in text or "a file changed in the meantime" in text
        assert process.returncode == 0 or late, text
    assert not plan_write(NEW, tmp_path).changes
