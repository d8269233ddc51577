"""`generate --adopt`: what is there already, from whatever a person has of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.errors import ToolError

if TYPE_CHECKING:
    from generator.imported.adoption import Adoption, Old, Released
    from generator.model.filetree import Adopted
    from generator.model.topology import Topology
    from generator.report.report import Plain

_GZIP = b"\x1f\x8b"


def adoption_of(
    topology: "Topology",
    sources: Sequence[Path],
    out: Path,
    only: Iterable[str],
    root: Path | None = None,
) -> "Adoption":
    """What the roots take over of what the sources show; raises `ToolError` where one is unusable.

    `only` are the ids of the accounts that are looked at, none for all. Of code, nothing outside of `root`
    is read.
    """
    from generator.imported.adoption import adoption
    from generator.model.values import AccountId

    accounts = frozenset(map(AccountId, only))
    return adoption(topology, tuple(_olds(topology, sources, root)), out, accounts)


def with_earlier(
    new: "Mapping[str, Adopted]", earlier: "Mapping[str, Adopted]"
) -> "dict[str, Adopted]":
    """What the roots took over before, and what they take over now."""
    return {
        folder: {**earlier.get(folder, {}), **new.get(folder, {})} for folder in {*earlier, *new}
    }


def _olds(topology: "Topology", sources: Sequence[Path], root: Path | None) -> "Iterator[Old]":
    from generator.imported.adoption import Old

    snapshots = []
    for source in sources:
        if source.is_dir():
            yield _code(topology, source, root)
            continue
        content = _content(source)
        if content.startswith(_GZIP) or b'"forebay_snapshot"' in content[:4096]:
            snapshots.append(source)
        else:
            yield _state(source, content)
    if snapshots:
        from generator.cli.asking import live_reading
        from generator.cli.live_options import LiveInput

        live = LiveInput(files=tuple(snapshots), asks_now=False)
        yield Old(reading=live_reading(topology, live))


def _content(file: Path) -> bytes:
    from generator.disk.reading import read_file
    from generator.state.document import MOST_BYTES

    try:
        return read_file(file, limit=MOST_BYTES)
    except OSError as error:
        raise ToolError(
            "what is there cannot be read",
            f"`--adopt {file}`: {error.strerror}. It takes a file of `forebay snapshot`, what `terraform "
            "show -json` prints for a state or plan, or the folder with the old code.",
        ) from error


def _code(topology: "Topology", folder: Path, root: Path | None) -> "Old":
    from generator.cli.inputs import cache_folder, processors, reading_settings
    from generator.disk.project import project_root
    from generator.hcl import read_code
    from generator.imported.adoption import Old

    reading = read_code(
        folder,
        project_root=project_root(folder, root),
        topology=topology,
        cache_folder=cache_folder(),
        settings=reading_settings(),
        workers=processors(),
    )
    return Old(reading=reading, folder=folder)


def _state(file: Path, content: bytes) -> "Old":
    """What a state records; of a plan, what is there before it is applied."""
    from generator.imported.adoption import Old
    from generator.model.finding import FindingKind
    from generator.model.reading import Source
    from generator.state import StateFile, read_state_files

    before = _prior_state(content)
    reading = read_state_files([StateFile(file=file, content=before)], Source.STATE)
    for problem in reading.problems:
        if problem.kind is FindingKind.ERROR:
            raise ToolError("what is there cannot be read", problem.message, place=problem.location)
    return Old(reading=reading)


def _prior_state(content: bytes) -> bytes:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return content
    if isinstance(document, dict) and isinstance(document.get("prior_state"), dict):
        return json.dumps(document["prior_state"]).encode()
    if isinstance(document, dict) and "planned_values" in document:
        # A plan of an empty state has none.
        return json.dumps({"format_version": document.get("format_version")}).encode()
    return content


def adoption_lines(adoption: "Adoption", *, only_look: bool) -> Iterator[str]:
    """What is taken over, and what to do with the old code."""
    for folder, entries in sorted(adoption.by_root.items()):
        moved = sum(source is not None for source in entries.values())
        imported = len(entries) - moved
        words = [
            f"{number} to {word}"
            for number, word in ((imported, "import"), (moved, "move"))
            if number
        ]
        verb = "would say" if only_look else "says"
        yield f"{folder}: {', '.join(words)}, as its `adopt.tf` {verb}"
    yield from _released_lines(adoption.released)


def _released_lines(released: "Sequence[Released]") -> Iterator[str]:
    """The blocks that stand in the old code instead of those that are taken over."""
    for root in sorted({each.root for each in released}):
        blocks = [each for each in released if each.root == root and not each.is_moved]
        moved = [each for each in released if each.root == root and each.is_moved]
        if moved:
            yield ""
            yield f"In {root}, take these blocks out, of which `adopt.tf` moves what they make:"
            yield from (f"  {each.address}{_place(each)}" for each in moved)
        if blocks:
            yield ""
            yield f"In {root}, take these blocks out, and put in what keeps them from being destroyed:"
        for each in blocks:
            if each.is_whole:
                yield ""
                yield f"removed {{{_place(each)}"
                yield f"  from = {each.address}"
                yield ""
                yield "  lifecycle {"
                yield "    destroy = false"
                yield "  }"
                yield "}"
        yield from _forgotten(blocks)


def _place(released: "Released") -> str:
    span = released.span
    return "" if span is None else f"  # {span.file}:{span.line}"


def _forgotten(blocks: "Iterable[Released]") -> Iterator[str]:
    """Commands for the instances of blocks that stay for others."""
    import shlex

    partly = [each for each in blocks if not each.is_whole]
    if partly:
        yield ""
        yield "# The code still makes others of these, so only the state forgets them:"
        for each in partly:
            for instance in each.instances:
                yield f"terraform state rm {shlex.quote(instance)}"


def adoption_extra(adoption: "Adoption | None") -> "dict[str, Plain]":
    """What is taken over and let go, for JSON."""
    return {
        "adopted": tuple(
            {"root": folder, "to": address, "from": source}
            for folder, entries in sorted((adoption.by_root if adoption else {}).items())
            for address, source in sorted(entries.items())
        ),
        "released": tuple(
            {
                "root": each.root,
                "address": each.address,
                "instances": each.instances,
                "whole": each.is_whole,
                "moved": each.is_moved,
            }
            for each in (adoption.released if adoption else ())
        ),
    }
