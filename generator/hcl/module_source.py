"""What the files of one folder declare, sorted by what it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import TypeVar

from generator.frozen_data import frozen
from generator.hcl.syntax import Attribute, Block, Body, Expression, Literal, Name, ObjectLiteral
from generator.model.span import Span

BlockKey = tuple[str, str, str]
"""`resource`, `data` or `ephemeral`; the type; the name."""

_Key = TypeVar("_Key")


@frozen
class ModuleSource:
    """What the files of one folder declare."""

    folder: Path
    files: frozenset[Path]
    first_file: Span
    variables: Mapping[str, Block]
    locals: Mapping[str, Attribute]
    outputs: Mapping[str, Block]
    resources: Mapping[BlockKey, Block]
    calls: Mapping[str, Block]
    providers: Mapping[str, Block]
    has_backend: bool
    provider_versions: Mapping[str, tuple[str, Span]] = field(default_factory=dict)
    is_whole: bool = True
    """Whether nothing else can declare what its files name: no other program, no unread file."""


def provider_name(block: Block) -> str:
    """How references name a provider block: its type, and its alias behind a dot."""
    alias = block.body.attributes.get("alias")
    name = block.labels[0] if block.labels else ""
    match alias:
        case Attribute(expression=Literal(value=str() as word)):
            return f"{name}.{word}"
        case _:
            return name


def sorted_out(
    folder: Path,
    paths: Sequence[Path],
    ordinary: Sequence[Body],
    overrides: Sequence[Body],
    *,
    first_file: Span,
) -> ModuleSource:
    """What the bodies of a folder's files declare, with those of override files in their place."""
    variables: dict[str, Block] = {}
    named_locals: dict[str, Attribute] = {}
    outputs: dict[str, Block] = {}
    resources: dict[BlockKey, Block] = {}
    calls: dict[str, Block] = {}
    providers: dict[str, Block] = {}
    has_backend = False
    versions: dict[str, tuple[str, Span]] = {}
    for bodies, overriding in ((ordinary, False), (overrides, True)):
        for block in (block for body in bodies for block in body.blocks):
            match block.type, block.labels:
                case "variable", (name,):
                    _put(variables, name, block, overriding=overriding)
                case "output", (name,):
                    _put(outputs, name, block, overriding=overriding)
                case "module", (name,):
                    _put(calls, name, block, overriding=overriding)
                case "resource" | "data" | "ephemeral", (kind, name):
                    _put(resources, (block.type, kind, name), block, overriding=overriding)
                case "provider", (_,):
                    _put(providers, provider_name(block), block, overriding=overriding)
                case "locals", ():
                    named_locals.update(block.body.attributes)
                case "terraform", ():
                    has_backend = has_backend or any(
                        inner.type in ("backend", "cloud") for inner in block.body.blocks
                    )
                    versions.update(_required_versions(block))
                case _:
                    pass
    return ModuleSource(
        folder=folder,
        files=frozenset(paths),
        first_file=first_file,
        variables=variables,
        locals=named_locals,
        outputs=outputs,
        resources=resources,
        calls=calls,
        providers=providers,
        has_backend=has_backend,
        provider_versions=versions,
    )


def joined_sources(sources: Sequence[ModuleSource]) -> ModuleSource:
    """What several sets of files declare that lie in one folder; of two alike, the last counts."""
    first = sources[0]
    joined_up = first
    for source in sources[1:]:
        joined_up = replace(
            first,
            files=joined_up.files | source.files,
            variables={**joined_up.variables, **source.variables},
            locals={**joined_up.locals, **source.locals},
            outputs={**joined_up.outputs, **source.outputs},
            resources={**joined_up.resources, **source.resources},
            calls={**joined_up.calls, **source.calls},
            providers={**joined_up.providers, **source.providers},
            has_backend=joined_up.has_backend or source.has_backend,
            provider_versions={**joined_up.provider_versions, **source.provider_versions},
        )
    return joined_up


def _required_versions(block: Block) -> Iterator[tuple[str, tuple[str, Span]]]:
    """The version constraints of a `terraform` block with their places, by the names of the providers."""
    for inner in block.body.blocks:
        if inner.type != "required_providers":
            continue
        for name, attribute in inner.body.attributes.items():
            written = attribute.expression
            if isinstance(written, ObjectLiteral):
                # As it is written since 0.13; before, the version stood alone.
                found = (item.value for item in written.items if _word(item.key) == "version")
                written = next(found, written)
            if isinstance(written, Literal) and isinstance(written.value, str):
                yield name, (written.value, written.span)


def _word(key: Expression) -> str:
    match key:
        case Name(name=name) | Literal(value=str() as name):
            return name
        case _:
            return ""


def _put(blocks: dict[_Key, Block], key: _Key, block: Block, *, overriding: bool) -> None:
    """Add a block; one from an override file changes the arguments of the block it overrides."""
    before = blocks.get(key)
    if before is None or not overriding:
        blocks[key] = block
        return
    replaced = {_nested_type(inner) for inner in block.body.blocks}
    kept = tuple(inner for inner in before.body.blocks if _nested_type(inner) not in replaced)
    body = Body(
        attributes={**before.body.attributes, **block.body.attributes},
        blocks=(*kept, *block.body.blocks),
    )
    blocks[key] = replace(before, body=body)


def _nested_type(block: Block) -> str:
    """The type of the blocks that a nested block stands for; `dynamic` names it as its label."""
    return block.labels[0] if block.type == "dynamic" and block.labels else block.type
