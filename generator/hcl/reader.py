"""Reads a folder of Terraform code into an estate."""

import difflib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.errors import ToolError
from generator.finding import in_order
from generator.hcl.evaluate import evaluate_or_unknown
from generator.hcl.files import is_inside, resolved
from generator.hcl.folder import ModuleSource, Project
from generator.hcl.module import Budget, Module
from generator.hcl.names import named_blocks
from generator.hcl.providers import DEFAULT_PROVIDER, ProviderReference
from generator.hcl.records import RootRecords
from generator.hcl.settings import ReadingSettings, is_code
from generator.hcl.syntax import Block
from generator.model.estate import Estate, Place, Record, Root, Unknown
from generator.model.reading import NamedBlock, Reading, StatementKey, UnreadModule
from generator.model.topology import Topology
from generator.span import Span
from generator.values import AccountId

MANIFEST = ".forebay.json"
"""The manifest that `generate` leaves in the output folder and in each root."""

_NEVER_ROOTS = frozenset({"modules", "handover"})

CodeReading = Reading
"""What a folder of code says, and what of it could not be read."""


def read_code(
    code: Path,
    *,
    project_root: Path,
    topology: Topology | None,
    cache_folder: Path | None = None,
    settings: ReadingSettings | None = None,
) -> Reading:
    """Read all root modules at or below `code`; nothing outside `project_root` is opened.

    Only the variable files of the settings are read wherever they lie.
    `cache_folder` keeps the parser's table between runs; without it, each process builds it anew.
    Raises `ToolError` when there is no such folder.
    """
    if not code.is_dir():
        raise ToolError("The code folder does not exist", f"There is no folder `{code}`.")
    if not is_inside(code, project_root):
        raise ToolError(
            "The code folder lies outside of the project",
            f"`{code}` is not below the project's root `{project_root}`.",
        )
    project = Project(project_root, cache_folder=cache_folder, settings=settings)
    records: list[Record] = []
    places: dict[tuple[str, str], Place] = {}
    roots: list[Root] = []
    named: list[NamedBlock] = []
    statement_spans: dict[StatementKey, Span] = {}
    unread: dict[tuple[str, str], UnreadModule] = {}
    declared: set[str] = set()
    for folder, source in _root_folders(code, project):
        name = _root_name(folder, code)
        module = Module(
            project, source, budget=Budget(), root_account=_account_by_layout(name, topology)
        )
        declared.update(source.variables)
        read = RootRecords(name, module)
        records.extend(read.records())
        statement_spans.update(read.statement_spans)
        named.extend(named_blocks(name, module))
        for place in _places(name, module):
            places.setdefault((name, place.address), place)
        for call in module.all_unread():
            address = _address(call.module, f"module.{call.block.labels[0]}")
            unread[name, address] = UnreadModule(
                root=name, address=address, span=call.block.header, reason=call.reason
            )
        roots.append(Root(name=name, account=_root_account(module), first_file=source.first_file))
    if settings is not None:
        _check_names(settings.variables, frozenset(declared))
    return Reading(
        estate=Estate(records=tuple(records), places=tuple(places.values()), roots=tuple(roots)),
        problems=in_order(project.problems),
        statement_spans=statement_spans,
        unread_modules=tuple(unread.values()),
        named_blocks=tuple(named),
    )


def _check_names(given: Iterable[str], declared: frozenset[str]) -> None:
    """Refuse a value for a variable that no root declares, which is a misspelt name."""
    for name in given:
        if name not in declared:
            near = difflib.get_close_matches(name, declared, n=1)
            meant = f" Did you mean `{near[0]}`?" if near else ""
            raise ToolError(
                "a variable does not exist",
                f"`--var` sets `{name}`, which no root module of the code declares.{meant}",
            )


def _root_folders(code: Path, project: Project) -> list[tuple[Path, ModuleSource]]:
    sources: list[tuple[Path, ModuleSource]] = []
    called: set[Path | None] = set()
    for folder in _code_folders(code, project):
        source = project.source(folder)
        if source is None:
            continue
        sources.append((folder, source))
        for name, call in source.calls.items():
            target = project.called_folder(call, folder, folder, name)
            if isinstance(target, Path) and resolved(target) != resolved(folder):
                called.add(resolved(target))
    uncalled = [
        (folder, source)
        for folder, source in sources
        if resolved(folder) not in called and not _is_beside_manifest(folder, code)
    ]
    marked = [(folder, source) for folder, source in uncalled if _is_marked(folder, source)]
    return marked or uncalled


def _code_folders(code: Path, project: Project) -> Iterator[Path]:
    for folder, subfolders, files in os.walk(code):
        subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
        if any(is_code(name, project.settings.engine) for name in files):
            yield Path(folder)


def _is_marked(folder: Path, source: ModuleSource) -> bool:
    return bool(source.providers) or source.has_backend or (folder / MANIFEST).is_file()


def _is_beside_manifest(folder: Path, code: Path) -> bool:
    """Whether the folder belongs to generated modules or hand-over texts."""
    below = folder
    while below not in (code, below.parent):
        if below.name in _NEVER_ROOTS and (below.parent / MANIFEST).is_file():
            return True
        below = below.parent
    return False


def _root_name(folder: Path, code: Path) -> str:
    name = folder.relative_to(code).as_posix()
    return "" if name == "." else name


def _root_account(module: Module) -> AccountId | Unknown:
    """The account of a root: the default provider's, else the only one its providers name."""
    account = module.provider(DEFAULT_PROVIDER).account
    if not isinstance(account, Unknown):
        return account
    named = {
        other
        for name in module.source.providers
        if name.startswith("aws.")
        and not isinstance(other := module.provider(ProviderReference(name=name)).account, Unknown)
    }
    return named.pop() if len(named) == 1 else account


def _account_by_layout(name: str, topology: Topology | None) -> AccountId | Unknown:
    if topology is not None:
        for account, entry in topology.accounts.items():
            if Path(topology.folder(account)) == Path(name or "."):
                return entry.id
    return Unknown(
        reason="neither a provider block nor the topology's layout says it",
        reference="the account of this folder",
    )


def _places(root: str, module: Module) -> Iterator[Place]:
    for (mode, kind, name), block in module.source.resources.items():
        if mode == "resource":
            yield Place(
                root=root,
                address=_address(module, f"{kind}.{name}"),
                span=_feeding_span(module, block),
            )
    for name, call in module.source.calls.items():
        span = call.span if module.call is None else _feeding_span(module, call)
        yield Place(root=root, address=_address(module, f"module.{name}"), span=span)
        children = module.children(name)
        if not isinstance(children, str):
            for child in children:
                yield from _places(root, child)


def _address(module: Module, last: str) -> str:
    """An address without any instance keys."""
    return f"module.{'.module.'.join(_names(module))}.{last}" if module.call else last


def _names(module: Module) -> list[str]:
    if module.call is None:
        return []
    return [*_names(module.call.parent), module.call.block.labels[0]]


def _feeding_span(module: Module, block: Block) -> Span:
    """The caller's literal that decides which instances a block has, else the block."""
    for argument in ("for_each", "count"):
        attribute = block.body.attributes.get(argument)
        if attribute is not None:
            span = evaluate_or_unknown(attribute.expression, module.scope).span
            if span is not None and module.is_called_from_outside(span):
                return span
    return block.span
