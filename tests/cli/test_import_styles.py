"""The styles in which people write, imported: what is not told is listed, and every change is seen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cli_running import forebay
from import_support import topology_in

from generator.hcl import ReadingSettings, read_code
from generator.model.estate import Kind, Known

if TYPE_CHECKING:
    from generator.model.span import Span

STYLES = Path(__file__).parents[1] / "hcl" / "styles"
NAMES = sorted(
    path.name
    for path in STYLES.iterdir()
    # Nothing in the style of mistakes is a cache that a topology can say.
    if path.name not in {"expected", "mistakes"} and not path.name.endswith("_modules")
)
OPTIONS = {"workspaces": ("--workspace", "prod")}
READ = ("--code", "code", "--root", ".", "--format", "json")


def changed(text: str, span: Span, *, to: str) -> str:
    """A text with another literal at a place; the same where no literal in quotes stands there."""
    lines = text.split("\n")
    line = lines[span.line - 1]
    literal = line[span.column - 1 : span.end_column - 1]
    if span.line != span.end_line or not literal.startswith('"') or "${" in literal:
        return text
    lines[span.line - 1] = f'{line[: span.column - 1]}"{to}"{line[span.end_column - 1 :]}'
    return "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
def test_a_style_is_imported_and_every_change_is_drift(name: str, tmp_path: Path) -> None:
    for folder in (name, f"{name}_modules"):
        if (STYLES / folder).is_dir():
            shutil.copytree(STYLES / folder, tmp_path / "code" / folder)
    options = (*READ, *OPTIONS.get(name, ()))
    places = (f"--account={name}=111122223333", "--region", "eu-west-1")

    ran = forebay(tmp_path, "import", *options, "--out", "t.yaml")
    if not (tmp_path / "t.yaml").exists():
        options = (*options, *places[1:])
        ran = forebay(tmp_path, "import", *options, places[0], "--out", "t.yaml")

    assert ran.code in {0, 3}, ran
    assert topology_in(tmp_path / "t.yaml").caches
    told = {one["address"] or one["title"] for one in ran.document["results"]}
    first = drift(tmp_path, options)
    assert first.keys() <= told
    spans = [
        (attribute, value.span)
        for record in read_code(
            tmp_path / "code",
            project_root=tmp_path,
            topology=None,
            settings=ReadingSettings(
                is_engine_chosen=False, workspace=OPTIONS.get(name, ("", ""))[1]
            ),
        ).estate.records
        for attribute in ("ecr_repository_prefix", "upstream_registry_url")
        if record.kind is Kind.CACHE_RULE
        and isinstance(value := record.get(attribute), Known)
        and value.span is not None
    ]
    for attribute, span in list(dict.fromkeys(spans))[:4]:
        before = span.file.read_text("utf-8")
        word = "changed" if attribute == "ecr_repository_prefix" else "ghcr.io"
        after = changed(before, span, to=word)
        if after == before:
            continue
        span.file.write_text(after, "utf-8")
        found = drift(tmp_path, options)
        span.file.write_text(before, "utf-8")
        assert found != first, (attribute, span)


def drift(folder: Path, options: tuple[str, ...]) -> dict[str, set[str]]:
    """The fingerprints of what `drift` says, by the block that it is about."""
    found: dict[str, set[str]] = {}
    for one in forebay(folder, "drift", "-t", "t.yaml", *options).document["results"]:
        if one["severity"] != "info":
            found.setdefault(one["address"] or one["title"], set()).add(one["fingerprint"])
    return found
