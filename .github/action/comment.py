"""Keeps one comment on a pull request up to date; run by action.yml, with the standard library only."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

COMMANDS = ("check", "validate", "generate", "drift")
"""The order in which their reports stand: the first says who gets what, before and after."""

_PLACE = re.compile(
    r"<details><summary>\S+ <b>(?P<title>.*)</b> — <code>(?P<file>.+):[0-9]+</code></summary>\n"
)
"""The first line of a block about a place."""

_EDITED = "\nrule `edited-file` · "
"""How `generate` ends a block about a file that somebody edited."""

LIMIT = 65_000
"""Characters; GitHub takes 65,536 in a comment."""


def request(method: str, path: str, body: str | None = None) -> object:
    """Call GitHub's API and return the answer's JSON."""
    url = f"{os.environ['GITHUB_API_URL']}/repos/{os.environ['GITHUB_REPOSITORY']}{path}"
    data = None if body is None else json.dumps({"body": body}).encode()
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {os.environ['TOKEN']}",
        "Content-Type": "application/json",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    call = urllib.request.Request(url, data=data, headers=headers, method=method)  # noqa: S310
    with urllib.request.urlopen(call, timeout=30) as answer:  # noqa: S310 - the API's own address
        return json.load(answer)


def comment_marker(topology: str) -> str:
    """The first line of the comment about a topology, which nobody sees; no path leaves it."""
    plain = re.sub(r"[^\w./ @+=-]|--", "_", topology)
    # Odd paths that look alike then have comments of their own all the same.
    mark = "" if plain == topology else f" {hashlib.sha256(os.fsencode(topology)).hexdigest()[:12]}"
    return f"<!-- forebay {plain}{mark} -->"


def own_comment(number: int, marker: str) -> int | None:
    """The id of the comment with the marker; people's comments are never taken for it."""
    page = 1
    while True:
        comments = request("GET", f"/issues/{number}/comments?per_page=100&page={page}")
        assert isinstance(comments, list)  # noqa: S101 - GitHub's documented answer
        for comment in comments:
            if comment["user"]["type"] == "Bot" and comment["body"].startswith(marker):
                return int(comment["id"])
        if len(comments) < 100:
            return None
        page += 1


def comment_text(marker: str, sections: list[str]) -> str:
    """The sections one below the other; of one that does not fit, as many results as there is room for."""
    run = "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}".format(
        **os.environ
    )
    more = f"\nThis is too long for a comment: see the [summary of the job]({run}).\n"
    shortened = [f"\n{_head(section)}\n{more}" for section in sections]
    text = f"{marker}\n"
    for number, section in enumerate(sections):
        room = LIMIT - len(text) - sum(map(len, shortened[number + 1 :]))
        if len(section) <= room:
            text += section
        else:
            text += _beginning(section, room - len(more)) or f"\n{_head(section)}\n"
            text += more
    return text


def _beginning(section: str, room: int) -> str:
    """The blocks of a section that fit, none of them cut; nothing where the first does not."""
    fits = ""
    for part in _parts(section):
        if len(fits) + len(part) > room:
            break
        fits += part
    return fits


def _parts(section: str) -> list[str]:
    """A section cut at its blocks; a line of somebody's code that looks like one is none."""
    parts = [""]
    depth = 0
    fence = ""
    for line in section.splitlines(keepends=True):
        ticks = re.match("`{3,}", line)
        if fence:
            # A block of code ends with as many backticks as it began with.
            fence = "" if line.strip() == fence else fence
        elif ticks:
            fence = ticks[0]
        elif line.startswith("<details"):
            if depth == 0:
                parts.append("")
            depth += 1
        parts[-1] += line
        if not fence and line.startswith("</details>"):
            depth -= 1
            if depth == 0:
                parts.append("")
    return parts


def with_edits_once(sections: dict[str, str]) -> dict[str, str]:
    """The sections, with all that is told of a file that somebody edited in one block.

    `generate` tells that the file was edited, `drift` and `check` what that does: whoever edited it has one
    thing to do. What the others tell stands inside of the block, in the place of the first of them.
    """
    parts = {command: _parts(section) for command, section in sections.items()}
    edits = {
        file: part
        for part in parts.get("generate", ())
        if _EDITED in part and (file := _file(part))
    }
    for file, edit in edits.items():
        told = [
            (command, part)
            for command, some in parts.items()
            if command != "generate"
            for part in some
            if _file(part) == file
        ]
        if not told:
            continue
        home, first = told[0]
        more = f", and {len(told) - 1} more" if len(told) > 1 else ""
        body = edit.rstrip().removesuffix("</details>").rstrip()
        # What it does to access is not hidden behind the name of its cause.
        body = body.replace("</b> — ", f": {_title(first)}{more}</b> — ", 1)
        inside = "\n".join(part for _, part in told)
        at = parts[home].index(first)
        parts[home][at] = f"{body}\n\nWhat the edit does:\n\n{inside}\n</details>\n"
        for command, part in (*told[1:], ("generate", edit)):
            parts[command].remove(part)
        for command in dict.fromkeys(command for command, _ in (*told, ("generate", edit))):
            if command != home:
                head = parts[command][0].rstrip()
                parts[command][0] = (
                    f"{head}\n\nThe edit of <code>{file}</code> is told under `{home}`.\n"
                )
    return {command: "".join(some) for command, some in parts.items()}


def _file(part: str) -> str | None:
    """The file that a block is about, as its first line shows it."""
    found = _PLACE.match(part)
    return None if found is None else found["file"]


def _title(part: str) -> str:
    """The title of a block about a place."""
    found = _PLACE.match(part)
    return "" if found is None else found["title"]


def _head(section: str) -> str:
    """A section up to its result: the heading, and the line after it."""
    lines = [line for line in section.splitlines() if line.strip()]
    start = next((i for i, line in enumerate(lines) if line.startswith("### ")), 0)
    return "\n\n".join(lines[start : start + 2])


def main() -> None:
    """Write the comment, or say why it cannot be written; the job's result is not this step's."""
    event = json.loads(Path(os.environ["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
    number = int(event["pull_request"]["number"])
    marker = comment_marker(os.environ["TOPOLOGY"])
    files = [Path(os.environ["REPORTS"]) / f"{command}.md" for command in COMMANDS]
    # A heading needs an empty line above it, or it belongs to the HTML before.
    sections = {
        file.stem: f"\n{file.read_text(encoding='utf-8', errors='replace')}"
        for file in files
        if file.exists()
    }
    text = comment_text(marker, list(with_edits_once(sections).values()))
    try:
        known = own_comment(number, marker)
        if known is not None:
            request("PATCH", f"/issues/comments/{known}", text)
        elif os.environ["FAILED"] == "true":
            request("POST", f"/issues/{number}/comments", text)
    except urllib.error.HTTPError as error:
        if error.code not in {401, 403, 404}:
            raise
        sys.stdout.write(
            "::notice title=forebay::The token may not write a comment (a pull request from a fork, or "
            "pull-requests: write is missing). The same text is in the summary of the job.\n"
        )


if __name__ == "__main__":
    main()
