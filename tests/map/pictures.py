"""Pictures of the page, to be looked at: `make pictures` makes them in the folder `pictures`.

Light and dark, wide and narrow, each panel, an open detail, print, and an estate of a thousand accounts.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "cli")]
from cli_running import forebay, write_topology

from map.browsing import opened, started
from map.estates import CHAIN, many_accounts

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OUT = Path("pictures")
EXAMPLES = Path(__file__).parents[2] / "examples"


def main() -> None:
    """Make all pictures."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name, started() as browser:
        home = Path(name)
        for title, text in (
            ("chain", CHAIN),
            (
                "organization",
                (EXAMPLES / "central-cache-for-an-organization/topology.yaml").read_text(),
            ),
            ("many", many_accounts(1000)),
        ):
            folder = home / title
            folder.mkdir()
            write_topology(folder, text)
            page = folder / "map.html"
            page.write_text(forebay(folder, "show", "--format", "html").out, "utf-8")
            take(browser, page, title)
        checked = home / "chain"
        forebay(checked, "generate")
        access = checked / "terraform" / "hub" / "access.tf"
        code = access.read_text("utf-8").replace(
            '["arn:aws:iam::222233334444:role/eks-node"]', "[]"
        )
        access.write_text(code, "utf-8")
        forebay(checked, "check", "--report", "html=check.html")
        take(browser, checked / "check.html", "check")


def take(browser: Browser, file: Path, title: str) -> None:
    """Pictures of one page in every way in which it is looked at."""
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390)):
        with opened(browser, file, scheme=scheme, width=width) as seen:
            name = f"{title}-{scheme}-{width}"
            for tab in seen.page.locator("[role=tab]").all():
                tab.click()
                panel = seen.page.locator(".panel:visible").get_attribute("id")
                seen.page.screenshot(path=OUT / f"{name}-{panel}.png", full_page=title != "many")
            seen.page.locator("#t-map").click()
            seen.page.locator(".edge .hit").last.click(force=True)
            seen.page.screenshot(path=OUT / f"{name}-open.png", full_page=True)
    with opened(browser, file) as seen:
        seen.page.pdf(path=OUT / f"{title}-print.pdf", format="A4", landscape=True)


if __name__ == "__main__":
    main()
