"""The built site: it draws its diagrams and searches without asking anybody but itself."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from site_pages import lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing of it."""

    def log_message(self, *_arguments: object) -> None:
        """Write no line."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.slow
def test_the_site_draws_and_searches_without_a_foreign_host(
    browser: Browser, tmp_path: Path
) -> None:
    lay_out(tmp_path / "docs")
    zensical = Path(sys.executable).with_name("zensical")
    subprocess.run(
        [zensical, "build", "--strict", "--config-file", tmp_path / "zensical.toml"],
        check=True,
        capture_output=True,
    )

    with served(tmp_path / "html") as address, browser.new_context() as context:
        page = context.new_page()
        page.set_default_timeout(10_000)
        asked: list[str] = []
        page.on("request", lambda one: asked.append(one.url))
        page.goto(f"{address}explanation/pulling-across-accounts/")
        # The theme puts each drawing in the place of its text, closed to scripts.
        page.wait_for_function(
            "[...document.querySelectorAll('div.mermaid')]"
            ".filter(one => one.getBoundingClientRect().height > 100).length === 3"
        )
        page.keyboard.press("Control+k")
        page.keyboard.type("registry_policy")
        page.wait_for_load_state("networkidle")

        assert [url for url in asked if url.endswith("/search.json")] == [f"{address}search.json"]
        assert [url for url in asked if not url.startswith((address, "blob:"))] == []
