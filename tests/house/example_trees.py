"""Write the generated code that is kept with some examples; run by `make docs`.

An example whose folder has `terraform/` keeps its roots there, so that a reader sees what `generate` writes
without running it. The modules that they call are those of the checkout; neither they nor the manifest that
lists them are kept a second time.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"
NOT_KEPT = ("modules", ".forebay.json")
KEPT = sorted(folder.parent for folder in EXAMPLES.glob("*/terraform"))


def files(code: Path) -> dict[str, bytes]:
    """The files of a generated tree that are kept, by path."""
    paths = {path.relative_to(code): path for path in sorted(code.rglob("*")) if path.is_file()}
    return {
        name.as_posix(): path.read_bytes()
        for name, path in paths.items()
        if name.parts[0] not in NOT_KEPT
    }


def main() -> None:
    """Generate each kept tree anew, over what was edited."""
    for example in KEPT:
        subprocess.run(
            [sys.executable, "-m", "generator", "generate", "--force"],
            cwd=example,
            stdout=subprocess.DEVNULL,
            check=True,
        )


if __name__ == "__main__":
    main()
