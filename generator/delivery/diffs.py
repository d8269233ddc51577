"""Changes to files as unified diffs, as `git apply` takes them in the folder that the command ran in."""

import os
from pathlib import Path


def unified_diff(path: Path, before: bytes | None, after: bytes | None) -> str:
    """The change to one file; empty for no change, and `None` is no file."""
    import difflib

    name = _name(path)
    lines: list[str] = []
    for line in difflib.unified_diff(
        _text(before).splitlines(keepends=True),
        _text(after).splitlines(keepends=True),
        fromfile="/dev/null" if before is None else f"a/{name}",
        tofile="/dev/null" if after is None else f"b/{name}",
    ):
        ended = line.endswith("\n")
        lines.append(line if ended else f"{line}\n\\ No newline at end of file\n")
    return "".join(lines)


def _name(path: Path) -> str:
    """The file's path from the working folder; of one that is not below it, the one from `/`."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 - `resolve` would follow links
    here = Path.cwd()
    return (whole.relative_to(here) if whole.is_relative_to(here) else whole).as_posix().lstrip("/")


def _text(content: bytes | None) -> str:
    return (content or b"").replace(b"\r\n", b"\n").decode("utf-8-sig", "replace")
