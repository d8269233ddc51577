"""Writes into README.md the tour's picture, and what `check` prints of a mistake in its code: `make docs`."""

from __future__ import annotations

import contextlib
import io
import os
import re
import tempfile
from pathlib import Path

from generator.cli.main import run

README = Path(__file__).parents[2] / "README.md"
BEGIN, END = "<!-- finding: made by `make docs` -->\n", "<!-- end of finding -->\n"
PICTURE, END_OF_PICTURE = "<!-- picture: made by `make docs` -->\n", "<!-- end of picture -->\n"
WIDTH = "100"


def finding(readme: str, folder: Path) -> str:
    """What `check` prints when somebody lets in every role of the account instead of its nodes."""
    (topology,) = re.findall(r"^```yaml\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    (folder / "topology.yaml").write_text(topology, encoding="utf-8")
    _printed(folder, "generate")
    access = folder / "terraform" / "platform" / "access.tf"
    code = access.read_text(encoding="utf-8")
    widened = code.replace("role/eks-node-*", "role/*")
    assert widened != code
    access.write_text(widened, encoding="utf-8")
    return _printed(folder, "check", "--min-severity", "low")


def page(readme: str, folder: Path) -> str:
    """The README with the finding and the picture of today."""
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    found = f"{before}{BEGIN}\n```text\n{finding(readme, folder)}```\n\n{END}{after}"
    before, _, rest = found.partition(PICTURE)
    _, _, after = rest.partition(END_OF_PICTURE)
    drawn = _printed(folder, "show", "--format", "mermaid")
    return f"{before}{PICTURE}\n```mermaid\n{drawn}```\n\n{END_OF_PICTURE}{after}"


def _printed(folder: Path, *arguments: str) -> str:
    out, here, width = io.StringIO(), Path.cwd(), os.environ.get("COLUMNS")
    os.chdir(folder)
    os.environ["COLUMNS"] = WIDTH
    try:
        with contextlib.redirect_stdout(out):
            run(arguments)
    finally:
        os.chdir(here)
        if width is None:
            del os.environ["COLUMNS"]
        else:
            os.environ["COLUMNS"] = width
    return out.getvalue()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        README.write_text(page(README.read_text(encoding="utf-8"), Path(folder)), encoding="utf-8")
