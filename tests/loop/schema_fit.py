"""Hold written code against the providers' schemas: names, what is required, and evaluated types."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from generator.hcl.budget import Budget
from generator.hcl.module import Module
from generator.hcl.parser import parse_body
from generator.hcl.project import Project
from generator.hcl.providers import RootPlace
from generator.hcl.source import SourceText
from generator.hcl.syntax import Body
from generator.hcl.values import Fields, Items, JsonText, PartialText, UnknownContent, Value
from generator.model.estate import Unknown
from standin import schema

if TYPE_CHECKING:
    from pathlib import Path

    from generator.hcl.syntax import Block
    from standin.values import Schema

KINDS = {
    "resource": "resource_schemas",
    "data": "data_source_schemas",
    "ephemeral": "ephemeral_resource_schemas",
}
META_ARGUMENTS = {"for_each", "count", "depends_on", "provider"}
META_BLOCKS = {"lifecycle"}
NO_ACCOUNT = Unknown(reason="no account here", reference="account")


@dataclass(slots=True, kw_only=True)
class Fit:
    """What was looked at, and what does not fit; `typed` counts arguments whose type was seen."""

    misfits: list[str] = field(default_factory=list)
    written: set[tuple[str, str]] = field(default_factory=set)
    typed: set[tuple[str, str]] = field(default_factory=set)


def hold_files(folder: Path, fit: Fit) -> None:
    """Hold every block of the `.tf` files below a folder against its schema, as it is written."""
    for file in sorted(folder.rglob("*.tf")):
        body = parse_body(SourceText(file, file.read_text(encoding="utf-8")))
        assert isinstance(body, Body), body
        for block in body.blocks:
            where = f"{file.name}:{block.span.line} {' '.join(block.labels)}"
            if block.type == "provider":
                provider = schema.load(block.labels[0])["provider"]["block"]
                _hold_body(block.body, provider, where, f"provider.{block.labels[0]}", fit)
            elif block.type in KINDS:
                found = _schema_of(block.type, block.labels[0])
                if found is None:
                    fit.misfits.append(f"{where}: no such type")
                else:
                    _hold_body(block.body, found, where, block.labels[0], fit)


def hold_values(root: Path, project_root: Path, fit: Fit) -> None:
    """Hold the evaluated arguments of a root module and its modules against their types."""
    project = Project(project_root)
    source = project.source(root)
    assert source is not None
    module = Module(project, source, budget=Budget(), place=RootPlace(account=NO_ACCOUNT))
    for instance in module.all_instances():
        block = _schema_of(instance.block_key[0], instance.type)
        assert block is not None, instance.address
        for name, attribute in block["attributes"].items():
            value = instance.argument(name)
            if value is None:
                continue
            path = (instance.type, name)
            _hold_type(value, attribute["type"], f"{instance.address}.{name}", path, fit)
            if value.content is None and attribute.get("required"):
                fit.misfits.append(f"{instance.address}.{name}: required, and null")
        for name, nested in block.get("block_types", {}).items():
            blocks = instance.blocks(name)
            if blocks is not None:
                path = f"{instance.type}.{name}"
                _hold_blocks(blocks, nested, f"{instance.address}.{name}", path, fit)


def settable(type_name: str) -> set[str]:
    """What can be written in a resource of a type; `inner.name` for arguments of nested blocks."""
    block = _schema_of("resource", type_name)
    assert block is not None
    return set(_settable(block))


def _settable(block: Schema, prefix: str = "") -> Iterator[str]:
    for name, attribute in block["attributes"].items():
        # `id` is optional in the schema by a habit of the provider's SDK, and never written.
        if (attribute.get("required") or attribute.get("optional")) and name != "id":
            yield prefix + name
    for name, nested in block.get("block_types", {}).items():
        yield from _settable(nested["block"], f"{prefix}{name}.")


def _schema_of(kind: str, type_name: str) -> Schema | None:
    found = schema.load(type_name.partition("_")[0]).get(KINDS[kind], {}).get(type_name)
    return None if found is None else found["block"]


def _hold_body(body: Body, block: Schema, where: str, path: str, fit: Fit) -> None:
    attributes, block_types = block.get("attributes", {}), block.get("block_types", {})
    names = {name for name in body.attributes if name not in META_ARGUMENTS}
    for name in sorted(names):
        attribute = attributes.get(name)
        fit.written.add((path, name))
        if attribute is None:
            fit.misfits.append(f"{where}: no argument {name}")
        elif not (attribute.get("required") or attribute.get("optional")):
            fit.misfits.append(f"{where}: {name} cannot be set")
        elif attribute.get("deprecated"):
            fit.misfits.append(f"{where}: {name} is deprecated")
    inner = [_content(nested) for nested in body.blocks if nested.type not in META_BLOCKS]
    for name, attribute in attributes.items():
        if attribute.get("required") and name not in names:
            fit.misfits.append(f"{where}: {name} is required")
    for name, content in inner:
        if name not in block_types:
            fit.misfits.append(f"{where}: no block {name}")
        else:
            _hold_body(content, block_types[name]["block"], where, f"{path}.{name}", fit)
    for name, nested in block_types.items():
        if nested.get("min_items", 0) and name not in {found for found, _ in inner}:
            fit.misfits.append(f"{where}: the block {name} is required")


def _content(block: Block) -> tuple[str, Body]:
    if block.type != "dynamic":
        return block.type, block.body
    (content,) = [inner for inner in block.body.blocks if inner.type == "content"]
    return block.labels[0], content.body


def _hold_blocks(blocks: Value, nested: Schema, where: str, path: str, fit: Fit) -> None:
    if not isinstance(blocks.content, Items):
        return
    items = blocks.content.values
    most = nested.get("max_items") or len(items)
    if not nested.get("min_items", 0) <= len(items) <= most:
        fit.misfits.append(f"{where}: {len(items)} blocks")
    for item in items:
        if not isinstance(item.content, Fields):
            continue
        for name, attribute in nested["block"]["attributes"].items():
            value = item.content.values.get(name)
            if value is not None:
                _hold_type(value, attribute["type"], f"{where}.{name}", (path, name), fit)


def _hold_type(value: Value, wanted: object, where: str, path: tuple[str, str], fit: Fit) -> None:
    if isinstance(value.content, UnknownContent) or value.content is None:
        return
    fit.typed.add(path)
    if not _is_of_type(value, wanted):
        fit.misfits.append(f"{where}: {value.content!r} is no {wanted}")


def _is_of_type(value: Value, wanted: object) -> bool:
    """Is a value of a type, without the conversions that Terraform would make?"""
    match value.content, wanted:
        case ((None | UnknownContent()), _):
            return True
        case ((str() | PartialText() | JsonText()), "string"):
            return True
        case bool(), _:
            return wanted == "bool"
        case ((int() | Decimal()), "number"):
            return True
        case Items(values=values), ["list" | "set", inner]:
            return all(_is_of_type(item, inner) for item in values)
        case Fields(values=values), ["map", inner]:
            return all(_is_of_type(item, inner) for item in values.values())
        case Fields(values=values), ["object", Mapping() as members]:
            return set(values) <= set(members) and all(
                _is_of_type(item, members[name]) for name, item in values.items()
            )
        case _:
            return False


def types_of(seen: Iterable[tuple[str, str]]) -> set[str]:
    """The types of resources and data sources, of what was written or typed."""
    return {path.partition(".")[0] for path, _ in seen if not path.startswith("provider.")}
