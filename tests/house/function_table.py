"""Writes the table of functions into docs/reference/reading-code.md: `make docs`."""

from __future__ import annotations

from pathlib import Path

from generator.hcl.evaluation import FILE_FUNCTIONS
from generator.hcl.functions.table import FUNCTIONS

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "reading-code.md"
BEGIN, END = "<!-- functions: made by `make docs` -->\n", "<!-- end of functions -->\n"

NOT_EVALUATED = {
    "abspath": "the folder of the project on this machine",
    "base64gzip": "how the program packs",
    "bcrypt": "chance",
    "issensitive": "what is marked as sensitive, which is not followed",
    "pathexpand": "the home of whoever runs it",
    "plantimestamp": "the time of the run",
    "rsadecrypt": "a private key",
    "timestamp": "the time of the run",
    "uuid": "chance",
}
"""The functions of Terraform and OpenTofu that stay unknown, and what each of them depends on."""

LANGUAGE = frozenset({"can", "try"})
"""Functions that look at expressions, not at values."""


def evaluated() -> frozenset[str]:
    """The names of all functions that are evaluated."""
    return frozenset(FUNCTIONS) | FILE_FUNCTIONS | LANGUAGE


def table() -> str:
    """What is evaluated and what is not, as Markdown."""
    plain = sorted(name for name in evaluated() if "::" not in name)
    of_providers = sorted(name for name in evaluated() if "::" in name)
    rows = "".join(f"| `{name}` | {why} |\n" for name, why in sorted(NOT_EVALUATED.items()))
    return (
        f"Evaluated are {', '.join(f'`{name}`' for name in plain)}, and of providers "
        f"{', '.join(f'`{name}`' for name in of_providers)}. A call that two programs or versions could "
        "answer differently stays unknown all the same.\n\n"
        f"| not evaluated | depends on |\n| --- | --- |\n{rows}"
    )


def page(text: str) -> str:
    """The page with the table of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
