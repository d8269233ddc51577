"""Lays the pages out for the site: `make site`.

Pages link to files beside docs/, which a site does not have; there, the links go to the repository. What stands in
docs/README.md, and in which order, is the site's navigation.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import sys
from functools import partial
from pathlib import Path

CHECKOUT = Path(__file__).parents[2]
DOCS = CHECKOUT / "docs"
REPOSITORY = "https://github.com/OWNER/forebay/blob/main"
SETTINGS = CHECKOUT / "zensical.toml"
MERMAID = Path(__file__).parent / "site" / "mermaid.tiny.js.gz"
"""What draws the diagrams, so that no reader's browser has to ask a foreign host for it.

It is `dist/mermaid.tiny.js` of @mermaid-js/tiny 12.0.0 on npm, packed, under the licence beside it.
"""
MERMAID_DIGEST = "9f2807e402479d2864bfd9a95052076fc69d0ff45a0b25148b84b70fc33425b9"
LINK = re.compile(r"(\]\()(\.\./[^)\s]+)(\))")


def lay_out(folder: Path) -> None:
    """Copy docs/ into a folder, with links that lead out of it turned to the repository."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(DOCS, folder)
    for page in folder.rglob("*.md"):
        here = DOCS / page.relative_to(folder).parent
        text = page.read_text(encoding="utf-8")
        page.write_text(LINK.sub(partial(_turned, here), text), encoding="utf-8")
    (folder / "README.md").rename(folder / "index.md")
    (folder / "assets").mkdir()
    (folder / "assets" / "mermaid.tiny.js").write_bytes(_mermaid())
    settings = SETTINGS.read_text(encoding="utf-8")
    before, table, rest = settings.partition("\n[project.theme]")
    navigation = f"nav = {_toml(['index.md', *_navigation()])}\n"
    # `zensical` takes paths from the folder of its settings.
    (folder.parent / SETTINGS.name).write_text(
        f"{before}{navigation}{table}{rest}", encoding="utf-8"
    )


def _mermaid() -> bytes:
    script = gzip.decompress(MERMAID.read_bytes())
    if hashlib.sha256(script).hexdigest() != MERMAID_DIGEST:
        raise SystemExit(f"{MERMAID} is not what was put there")
    return script


def _navigation() -> list[dict[str, list[str | dict[str, list[str]]]]]:
    """The sections of docs/README.md with the pages that they name; folders of pages as sections of their own."""
    found: list[dict[str, list[str | dict[str, list[str]]]]] = []
    for section in (DOCS / "README.md").read_text(encoding="utf-8").split("\n## ")[1:]:
        pages: list[str | dict[str, list[str]]] = []
        for page in dict.fromkeys(re.findall(r"\]\(([^)#:\s]+\.md)\)", section)):
            if page.endswith("/README.md"):
                folder = DOCS / Path(page).parent
                title = (DOCS / page).read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
                names = sorted(
                    file.name for file in folder.glob("*.md") if file.name != "README.md"
                )
                pages.append({title: [page, *(f"{Path(page).parent}/{name}" for name in names)]})
            else:
                pages.append(page)
        found.append({section.splitlines()[0]: pages})
    return found


def _toml(value: object) -> str:
    """Lists, mappings and texts as TOML writes them in one line."""
    match value:
        case list():
            return f"[{', '.join(map(_toml, value))}]"
        case dict():
            return f"{{{', '.join(f'{json.dumps(key)} = {_toml(each)}' for key, each in value.items())}}}"
        case _:
            return json.dumps(value)


def _turned(here: Path, link: re.Match[str]) -> str:
    target = Path(os.path.normpath(here / link[2]))
    if target.is_relative_to(DOCS):
        return link[0]
    return f"{link[1]}{REPOSITORY}/{target.relative_to(CHECKOUT).as_posix()}{link[3]}"


if __name__ == "__main__":
    lay_out(Path(sys.argv[1]))
