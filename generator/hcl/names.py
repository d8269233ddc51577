"""The names that blocks give their arguments, for telling misspelled ones."""

from collections.abc import Iterator

from generator.hcl.bodies import META_BLOCKS
from generator.hcl.module import Module
from generator.hcl.syntax import Body
from generator.model.reading import NamedBlock
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
        inputs = None
        if not isinstance(children, str) and children:
            inputs = frozenset(children[0].source.variables)
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
        )
        # What stands in for a module that is not on disk has arguments that nobody wrote.
        if not isinstance(children, str) and children and not children[0].is_lent:
            yield from named_blocks(root, children[0])


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
