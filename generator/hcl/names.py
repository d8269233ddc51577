"""The names that blocks give their arguments, for telling misspelled ones."""

from collections.abc import Iterator

from generator.hcl.bodies import META_BLOCKS
from generator.hcl.module import Module
from generator.hcl.module_source import ModuleSource
from generator.hcl.syntax import (
    Block,
    Body,
    Call,
    Expression,
    Literal,
    Name,
    ObjectLiteral,
    TupleLiteral,
)
from generator.model.reading import NamedBlock, UnknownName
from generator.model.span import Span

_META_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "provider"})
_META_INPUTS = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})


def named_blocks(root: str, module: Module) -> Iterator[NamedBlock]:
    """Every resource block and module call of a root, each block of a module's code once a call."""
    before = "".join(f"module.{name}." for name in _call_names(module))
    for (mode, kind, name), block in module.source.resources.items():
        if mode == "resource":
            names = dict(_paths(block.body, ""))
            yield NamedBlock(
                root=root,
                address=f"{before}{kind}.{name}",
                type=kind,
                names={path: span for path, span in names.items() if path not in _META_ARGUMENTS},
                provider_versions=tuple(
                    version
                    for source in (module.source, module.root.source)
                    if (version := source.provider_versions.get("aws")) is not None
                ),
            )
    for name, call in module.source.calls.items():
        children = module.children(name)
        source = None if isinstance(children, str) else module.called_sources.get(name)
        inputs = None if source is None else frozenset(source.variables)
        yield NamedBlock(
            root=root,
            address=f"{before}module.{name}",
            type="",
            names={
                path: attribute.expression.span
                for path, attribute in call.body.attributes.items()
                if path not in _META_INPUTS
            },
            inputs=inputs,
            unknown_names=() if source is None else tuple(_unknown_names(call, source)),
        )
        # What stands in for a module that is not on disk has arguments that nobody wrote.
        if not isinstance(children, str) and children and not children[0].is_lent:
            yield from named_blocks(root, children[0])


def _unknown_names(call: Block, source: ModuleSource) -> Iterator[UnknownName]:
    """The names in a call's objects that the types of the module's variables do not have."""
    variables = source.variables
    for name, attribute in call.body.attributes.items():
        constraint = variables[name].body.attributes.get("type") if name in variables else None
        if constraint is not None:
            yield from _unknown_in(attribute.expression, constraint.expression, name)


def _unknown_in(value: Expression, constraint: Expression, path: str) -> Iterator[UnknownName]:
    match constraint, value:
        case Call(name="optional", arguments=[inner, *_]), _:
            yield from _unknown_in(value, inner, path)
        case Call(name="map", arguments=[element]), ObjectLiteral(items=items):
            for item in items:
                yield from _unknown_in(item.value, element, f"{path}.{_key(item.key) or '…'}")
        case Call(name="list" | "set", arguments=[element]), TupleLiteral(items=elements):
            for number, each in enumerate(elements):
                yield from _unknown_in(each, element, f"{path}[{number}]")
        case Call(name="object", arguments=[ObjectLiteral(items=members)]), ObjectLiteral(
            items=items
        ):
            types = {name: each.value for each in members if (name := _key(each.key)) is not None}
            for item in items:
                key = _key(item.key)
                if key is None:
                    continue
                if key in types:
                    yield from _unknown_in(item.value, types[key], f"{path}.{key}")
                else:
                    yield UnknownName(
                        path=f"{path}.{key}", span=item.key.span, known=tuple(sorted(types))
                    )
        case _:
            return


def _key(expression: Expression) -> str | None:
    """The key of an item of an object, where it is written out."""
    match expression:
        case Name(name=name) | Literal(value=str() as name):
            return name
        case _:
            return None


def _call_names(module: Module) -> list[str]:
    if module.call is None:
        return []
    return [*_call_names(module.call.parent), module.call.block.labels[0]]


def _paths(body: Body, before: str) -> Iterator[tuple[str, Span]]:
    for name, attribute in body.attributes.items():
        yield f"{before}{name}", attribute.expression.span
    for block in body.blocks:
        if block.type in META_BLOCKS:
            continue
        inner, name = block.body, block.type
        if block.type == "dynamic":
            content = next((each for each in block.body.blocks if each.type == "content"), None)
            if content is None or not block.labels:
                continue
            inner, name = content.body, block.labels[0]
        yield f"{before}{name}", block.header
        yield from _paths(inner, f"{before}{name}.")
