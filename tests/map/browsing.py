"""A headless Chromium that looks at pages: it has no network, and what it complains of is kept."""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = (
    "no Chromium: `make browser` installs one where it can; else put `chromium` on PATH, or name one in "
    "FOREBAY_CHROMIUM"
)


def find_chromium() -> str | None:
    """The browser: FOREBAY_CHROMIUM, or what is on PATH."""
    named = os.environ.get("FOREBAY_CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def started() -> Iterator[Browser]:
    """The browser, started once."""
    program = find_chromium()
    if program is None:
        pytest.skip(NO_CHROMIUM)
    # Chromium refuses to run as root in a sandbox, and a container has no other user.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=arguments)
        yield browser
        browser.close()


@dataclass(slots=True, kw_only=True)
class Seen:
    """An open page, what its console said, and what it asked for beside itself."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@contextmanager
def opened(
    browser: Browser, file: Path, *, scheme: str = "light", width: int = 1280
) -> Iterator[Seen]:
    """A page from disk, which must stay without a complaint and without a request."""
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    seen = Seen(page=page)
    page.on("console", lambda message: seen.complaints.append(message.text))
    page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    page.on("dialog", lambda dialog: seen.complaints.append(f"dialog: {dialog.message}"))
    page.on("request", lambda request: seen.requests.append(request.url))
    page.goto(file.as_uri())
    yield seen
    context.close()
    assert seen.complaints == []
    assert seen.requests == [file.as_uri()]
