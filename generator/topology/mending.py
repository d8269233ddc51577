"""Makes the edits that mistakes of a topology print, until there is none left to make."""

from collections.abc import Callable, Mapping
from pathlib import Path

from generator.frozen_data import frozen
from generator.model.edit import Edit, NoEdit
from generator.model.errors import ToolError
from generator.model.finding import Finding
from generator.model.span import Span
from generator.topology.document import content_of
from generator.topology.editing import with_edits
from generator.topology.reading import Reading, read_topology

_MOST_ROUNDS = 20
"""What lies behind a misspelled key is read once the key is right: so deep is no topology."""


@frozen
class Mended:
    """What edits make of a topology.

    `files` are those that change, as they are and as they become; `fixed` the mistakes that are gone,
    and `refused` why others stay, by their fingerprints.
    """

    files: Mapping[Path, tuple[bytes, bytes]]
    fixed: tuple[Finding, ...]
    refused: Mapping[str, str]


def mended(path: Path, selects: Callable[[Finding], bool]) -> Mended:
    """The topology with all edits that can be made for the results that are selected.

    Nothing is written. An edit that leaves its mistake there, or makes another one in its place, is
    not made.
    """
    before: dict[Path, bytes] = {}
    now: dict[Path, bytes] = {}
    fixed: list[Finding] = []
    refused: dict[str, str] = {}
    reading = read_topology(path)
    for _ in range(_MOST_ROUNDS):
        wanted = {
            finding: finding.edit
            for finding in reading.findings
            if isinstance(finding.edit, Edit)
            and finding.fingerprint not in refused
            and selects(finding)
        }
        for edit in wanted.values():
            if edit.span.file not in now:
                now[edit.span.file] = before[edit.span.file] = content_of(edit.span.file)
        texts, reading, done = _one_round(path, reading, wanted, now, refused)
        if not done:
            break
        now.update(texts)
        fixed.extend(done)
    refused.update(
        (finding.fingerprint, finding.edit.reason)
        for finding in reading.findings
        if isinstance(finding.edit, NoEdit)
    )
    return Mended(
        files={file: (before[file], text) for file, text in now.items() if text != before[file]},
        fixed=tuple(fixed),
        refused=refused,
    )


def _one_round(
    path: Path,
    reading: Reading,
    wanted: dict[Finding, Edit],
    now: Mapping[Path, bytes],
    refused: dict[str, str],
) -> tuple[Mapping[Path, bytes], Reading, tuple[Finding, ...]]:
    """Make all edits at once that turn out well; those that do not are refused."""
    there = {(finding.rule, finding.location) for finding in reading.findings}
    while wanted:
        result = with_edits(tuple(wanted.values()), now)
        bad = {
            each: result.refused[edit] for each, edit in wanted.items() if edit in result.refused
        }
        if not bad:
            try:
                after = read_topology(path, result.files)
            except ToolError as error:
                bad = dict.fromkeys(wanted, f"The file could not be read any more: {error.detail}")
            else:
                bad = _turned_out_badly(wanted, after, there)
                if not bad:
                    return result.files, after, tuple(wanted)
        refused.update((finding.fingerprint, why) for finding, why in bad.items())
        wanted = {finding: edit for finding, edit in wanted.items() if finding not in bad}
    return now, reading, ()


def _turned_out_badly(
    wanted: Mapping[Finding, Edit], after: Reading, there: set[tuple[str, Span | None]]
) -> dict[Finding, str]:
    """The edits that do not mend, and why."""
    left = {finding.fingerprint for finding in after.findings}
    new = {
        finding.location.start: finding
        for finding in after.findings
        if finding.location is not None and (finding.rule, finding.location) not in there
    }
    found: dict[Finding, str] = {}
    for finding, edit in wanted.items():
        if finding.fingerprint in left:
            found[finding] = "The edit that it prints does not mend it."
        elif edit.span.start in new:
            title = new[edit.span.start].title
            found[finding] = f"With the edit there is another mistake in its place: {title}."
    return found
