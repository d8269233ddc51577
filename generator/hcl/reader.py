"""Reads a folder of Terraform code into an estate."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from generator.hcl.files import is_inside
from generator.hcl.parallel import read_in_parallel
from generator.hcl.root import RootReader, RootReading
from generator.hcl.roots import CodeFolder, can_matter, code_folders, root_name
from generator.hcl.settings import ReadingSettings
from generator.model.errors import ToolError
from generator.model.estate import Estate
from generator.model.finding import Finding, in_order
from generator.model.quotes import did_you_mean, quoted
from generator.model.reading import Reading, StatementKey
from generator.model.topology import Topology

if TYPE_CHECKING:
    from generator.model.span import Span

CodeReading = Reading
"""What a folder of code says, and what of it could not be read."""


def read_code(
    code: Path,
    *,
    project_root: Path,
    topology: Topology | None,
    cache_folder: Path | None = None,
    settings: ReadingSettings | None = None,
    workers: int = 1,
) -> Reading:
    """Read all root modules at or below `code`; nothing outside `project_root` is opened.

    Only the variable files of the settings are read wherever they lie.
    `cache_folder` keeps the parser's table between runs; without it, each process builds it anew.
    With several `workers`, much code is read in as many processes; the result is the same.
    Raises `ToolError` when there is no such folder.
    """
    if not code.is_dir():
        raise ToolError("The code folder does not exist", f"There is no folder `{code}`.")
    if not is_inside(code, project_root):
        raise ToolError(
            "The code folder lies outside of the project",
            f"`{code}` is not below the project's root `{project_root}`.",
        )
    settings = settings or ReadingSettings()
    reader = RootReader(
        code=code,
        project_root=project_root,
        topology=topology,
        cache_folder=cache_folder,
        settings=settings,
    )
    roots, problems, skipped = _read_what_matters(reader, workers)
    declared = {name for root in roots for name in root.variables}
    declared.update(name for entry in skipped for name in entry.variables)
    _check_names(settings.variables, frozenset(declared))
    left = [root_name(entry.folder, code) for entry in skipped]
    _check_folders(settings.accounts, [*(root.root.name for root in roots), *left])
    statement_spans: dict[StatementKey, Span] = {}
    for root in roots:
        statement_spans.update(root.statement_spans)
    noted = (note for root in roots for note in root.notes)
    return Reading(
        estate=Estate(
            records=tuple(record for root in roots for record in root.records),
            places=tuple(place for root in roots for place in root.places),
            roots=tuple(root.root for root in roots),
        ),
        problems=in_order(dict.fromkeys((*problems, *noted))),
        statement_spans=statement_spans,
        unread_modules=tuple(module for root in roots for module in root.unread),
        named_blocks=tuple(block for root in roots for block in root.named_blocks),
    )


def _read_what_matters(
    reader: RootReader, workers: int
) -> tuple[list[RootReading], list[Finding], list[CodeFolder]]:
    """The roots that can matter, the problems of their files, and the folders not parsed."""
    folders = code_folders(reader.code, reader.project)
    chosen = can_matter(folders, reader.project)
    skipped = [entry for entry in folders if entry.folder not in chosen]
    matter = [entry for entry in folders if entry.folder in chosen]
    roots, problems = read_in_parallel(reader, matter, skipped, workers=workers)
    if skipped and not _covers(roots, reader.topology):
        # What is missing in an account has its place in a root of that account, if there is one.
        roots, problems = read_in_parallel(reader, folders, (), workers=workers)
        skipped = []
    return roots, problems, skipped


def _covers(roots: Sequence[RootReading], topology: Topology | None) -> bool:
    """Whether each account that is managed has a root."""
    found = {root.root.account for root in roots}
    if topology is None:
        return bool(found)
    return all(entry.id in found for entry in topology.managed_accounts.values())


def _check_folders(given: Iterable[str], roots: Iterable[str]) -> None:
    """Refuse an account for a folder that is no root module, which is a misspelt name."""
    possible = [name or "." for name in roots]
    for folder in given:
        if folder not in possible:
            raise ToolError(
                "a folder is no root module",
                f"`--account` names the folder {quoted(folder)}, and the code has no root module "
                f"there.{did_you_mean(folder, possible)}",
            )


def _check_names(given: Iterable[str], declared: frozenset[str]) -> None:
    """Refuse a value for a variable that no root declares, which is a misspelt name."""
    for name in given:
        if name not in declared:
            raise ToolError(
                "a variable does not exist",
                f"`--var` sets {quoted(name)}, which no root module of the code declares."
                f"{did_you_mean(name, declared)}",
            )
