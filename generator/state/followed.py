"""Values that only an apply tells, known by what the plan's code refers to.

A plan does not know the ARN of what it creates. Its `configuration` says which attributes of which
resources each argument refers to, through the inputs and outputs of modules. Where that leaves one
resource only, the value is known as "that resource"; where it leaves several, or something that a plan
does not show (a local, another provider's resource), it stays unknown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from generator.estate.resources import SHAPES, RecordBuilder
from generator.estate.resources.shapes import LINKS
from generator.frozen_data import frozen
from generator.model.estate import Absent, Attribute, Json, Kind, Known, Link, Unknown
from generator.state.document import Document, elements, fields
from generator.state.resources import StateResource
from generator.state.values import json_value
from generator.state.written_expressions import (
    Address,
    Key,
    Path,
    Written,
    WrittenModule,
    module_at,
    parsed_address,
)

_WANTED: Mapping[str, Kind] = {
    "credential_arn": Kind.SECRET,
    "secret_arn": Kind.SECRET,
    "secret_id": Kind.SECRET,
    "custom_role_arn": Kind.ROLE,
    "role": Kind.ROLE,
    "policy_arn": Kind.MANAGED_POLICY,
    "permissions_boundary": Kind.MANAGED_POLICY,
    "key_id": Kind.KMS_KEY_POLICY,
    "kms_key": Kind.KMS_KEY_POLICY,
    "kms_key_id": Kind.KMS_KEY_POLICY,
}
"""Arguments that name something else as a whole, and the one kind of record that AWS takes there."""
_BLOCKS = frozenset({"encryption_configuration"})
"""Blocks with such an argument, which the provider fills in where the code has `null`."""
_HANDED_ON: Mapping[str, str] = {
    "aws_secretsmanager_secret_version": "secret_id",
    "null_resource": "triggers",
    "terraform_data": "input",
    "time_sleep": "triggers",
}
"""Types whose computed attributes are what one of their arguments is."""
_DEEPEST = 40
_MOST_STEPS = 20_000


@dataclass(frozen=True, slots=True)
class _Hidden:
    """A value that a plan does not show, such as a local."""

    name: str


@dataclass(frozen=True, slots=True)
class _Resource:
    """An attribute of a resource that only an apply tells."""

    address: str
    attribute: str


@dataclass(frozen=True, slots=True)
class _Value:
    """A value that the plan knows."""

    value: object


_Source = _Hidden | _Resource | _Value


@frozen
class _Scope:
    """Where an expression stands: the module calls with their keys, the block and its key."""

    modules: tuple[tuple[str, Key | None], ...]
    repeated: Written | None = None
    key: Key | None = None


def followed(document: Document, resources: Sequence[StateResource]) -> list[StateResource]:
    """The resources, with what their code refers to in the place of what only an apply tells."""
    trail = _Trail(document, resources)
    return [
        replace(resource, followed=found) if (found := trail.of(resource)) else resource
        for resource in resources
    ]


class _Trail:
    """Follows the references of one plan."""

    def __init__(self, document: Document, resources: Sequence[StateResource]) -> None:
        self._root = fields(fields(document.content.get("configuration")).get("root_module"))
        self._variables = fields(document.content.get("variables"))
        self._resources = {resource.address: resource for resource in resources}
        self._all = resources
        self._steps = 0

    @cached_property
    def _builder(self) -> RecordBuilder:
        return RecordBuilder("", self._all)

    @cached_property
    def _instances(self) -> Mapping[tuple[object, str], Mapping[Key | None, str]]:
        """The addresses of each block's instances, by their keys."""
        found: dict[tuple[object, str], dict[Key | None, str]] = {}
        for address in self._resources:
            if (parts := parsed_address(address)) is not None:
                found.setdefault((parts.modules, parts.block), {})[parts.key] = address
        return found

    def of(self, resource: StateResource) -> dict[str, Attribute]:
        """What is found for the arguments of a resource that are not known."""
        if not resource.is_managed or resource.type not in SHAPES:
            return {}
        written = resource.written or frozenset()
        names = [
            name
            for name, mask in fields(resource.values.unknown).items()
            if name in written
            and ((mask is True and name in _WANTED) or (mask and name in _BLOCKS))
        ]
        parts = parsed_address(resource.address) if names else None
        if parts is None:
            return {}
        block, scope = self._block(parts)
        expressions = fields(block.get("expressions"))
        found: dict[str, Attribute] = {}
        for name in names:
            content = expressions.get(name)
            value = (
                self._block_value(name, content, scope, resource)
                if name in _BLOCKS
                else self._value(name, content, scope, resource)
            )
            if value is not None and not isinstance(value, Absent):
                found[name] = value
        return found

    def _block_value(
        self, name: str, content: object, scope: _Scope, resource: StateResource
    ) -> Attribute | None:
        """Blocks of one type, with what their arguments refer to."""
        written, items = elements(content), resource.values.member(name).items()
        if len(written) != len(items):
            return None
        blocks: list[Json] = []
        for expressions, item in zip(map(fields, written), items, strict=True):
            if item.hidden(None) is not None:
                return None
            members: dict[str, Json] = {}
            for inner in dict.fromkeys((*fields(item.value), *fields(item.unknown))):
                members[inner] = json_value(item.member(inner), resource.span)
                if inner in _WANTED and isinstance(members[inner], Unknown):
                    value = self._value(inner, expressions.get(inner), scope, resource)
                    if isinstance(value, Absent | Unknown):
                        members[inner] = value if isinstance(value, Unknown) else None
            blocks.append(members)
        return Known(value=tuple(blocks), span=resource.span)

    def _value(
        self, name: str, content: object, scope: _Scope, resource: StateResource
    ) -> Attribute | None:
        """What an argument is known as.

        It is absent where everything that it refers to is known: then it is `null`, and the provider
        fills in what there is by default.
        """
        self._steps = 0
        sources = frozenset(self._of(Written(content), scope, (), 0))
        return self._meant(name, sources, resource)

    def _block(self, parts: Address) -> tuple[Mapping[str, object], _Scope]:
        """A resource's block, and the scope of its expressions."""
        module = module_at(self._root, [name for name, _ in parts.modules])
        block = module.resource(parts.block) or {}
        return block, _scope(parts.modules, block, parts.key)

    def _meant(
        self, name: str, sources: frozenset[_Source], resource: StateResource
    ) -> Attribute | None:
        """The one thing that a value can be, when there is only one."""
        wanted = _WANTED[name]
        kept = {source for source in sources if self._may_be(source, wanted)}
        if not kept:
            return Absent(span=resource.span)
        if len(kept) > 1:
            return None
        match kept.pop():
            case _Value(value=str() as text):
                return Known(value=text, span=resource.span)
            case _Resource(address=address, attribute=attribute):
                target = self._resources[address]
                identity = self._builder.identity_of(target, attribute or "arn")
                if identity is not None:
                    return Link(target=identity, span=resource.span)
                return Unknown(
                    reason="it is known only after apply",
                    reference=f"{address}.{attribute or 'arn'}",
                    span=resource.span,
                    origin=f"{address}.{attribute or 'arn'}",
                )
            case _:
                return None

    def _may_be(self, source: _Source, wanted: Kind) -> bool:
        """Whether the value of an argument that takes that kind of record can be this."""
        if not isinstance(source, _Resource):
            return True
        type_ = self._resources[source.address].type
        if type_ in LINKS:
            return LINKS[type_][0] is wanted
        return SHAPES[type_].kind is wanted if type_ in SHAPES else True

    def _of(self, written: Written, scope: _Scope, trailing: Path, depth: int) -> Iterator[_Source]:
        """What an expression's value may be, as far as only an apply tells it."""
        self._steps += 1
        if depth > _DEEPEST or self._steps > _MOST_STEPS:
            yield _Hidden("too many references")
            return
        references = written.references
        # The keys behind an expression belong to what it is made of only where that is plain.
        is_plain = len(references) == 1 or all(_is_of_resources(one) for one in references)
        for number, path in enumerate(references):
            following = references[number + 1 :]
            yield from self._of_one(path, following, scope, trailing if is_plain else (), depth + 1)

    def _of_one(
        self,
        path: Path,
        following: Sequence[Path],
        scope: _Scope,
        trailing: Path,
        depth: int,
    ) -> Iterator[_Source]:
        match path:
            case ("each", "value", *rest):
                if scope.repeated is not None and self._each(scope, tuple(rest)) is None:
                    behind = () if scope.key is None else (scope.key, *rest)
                    yield from self._of(scope.repeated, _above(scope), behind, depth)
            case ("each" | "count" | "path" | "terraform" | "self", *_):
                return
            case ("var", str() as name, *rest):
                behind = (*rest, *(trailing or self._index(following, scope)))
                if self._variable(name, behind, scope) is None:
                    yield from self._input(name, scope, behind, depth)
            case ("module", str() as name, *rest):
                yield from self._output(name, tuple(rest), following, scope, trailing, depth)
            case ("local", *_) | ():
                yield _Hidden(".".join(map(str, path)))
            case ("data", str() as type_, str() as name, *rest):
                block = f"data.{type_}.{name}"
                yield from self._attribute(block, tuple(rest), following, scope, trailing, depth)
            case (str() as type_, str() as name, *rest):
                block = f"{type_}.{name}"
                yield from self._attribute(block, tuple(rest), following, scope, trailing, depth)
            case _:
                yield _Hidden(".".join(map(str, path)))

    def _input(self, name: str, scope: _Scope, trailing: Path, depth: int) -> Iterator[_Source]:
        """What the call of the module hands to a variable."""
        if not scope.modules:
            yield _Hidden(f"var.{name}")
            return
        call, above = self._call(scope)
        written = fields(call.get("expressions")).get(name)
        if written is not None:
            yield from self._of(Written(written), above, trailing, depth)

    def _output(
        self,
        name: str,
        rest: Path,
        following: Sequence[Path],
        scope: _Scope,
        trailing: Path,
        depth: int,
    ) -> Iterator[_Source]:
        """What an output of a module hands out."""
        call = self._module(scope).call(name)
        keys: Iterable[Key | None] = (None,)
        if "for_each_expression" in call or "count_expression" in call:
            all_keys = {
                modules[len(scope.modules)][1]
                for modules in self._module_paths
                if modules[: len(scope.modules)] == scope.modules
                and len(modules) > len(scope.modules)
                and modules[len(scope.modules)][0] == name
            }
            keys, rest = self._picked(all_keys, rest, following, scope, ())
        if not rest:
            yield _Hidden(f"module.{name}")
            return
        output, behind = rest[0], rest[1:] or trailing or self._index(following, scope)
        for key in keys:
            inner = _Scope(modules=(*scope.modules, (name, key)))
            written = self._module(inner).output(output)
            if written is None:
                yield _Hidden(f"module.{name}.{output}")
            else:
                yield from self._of(written, inner, behind, depth)

    def _attribute(
        self,
        block: str,
        rest: Path,
        following: Sequence[Path],
        scope: _Scope,
        trailing: Path,
        depth: int,
    ) -> Iterator[_Source]:
        """An attribute of the instances of a block that an expression may mean."""
        instances = self._instances.get((scope.modules, block), {})
        if not instances:
            return
        keys: Iterable[Key | None] = (None,)
        if None not in instances:
            keys, rest = self._picked(instances, rest, following, scope, trailing)
        else:
            rest = rest or trailing
        attribute = str(rest[0]) if rest else ""
        for key in keys:
            if (address := instances.get(key)) is not None:
                yield from self._leaf(self._resources[address], attribute, depth)

    def _picked(
        self,
        keys: Iterable[Key | None],
        rest: Path,
        following: Sequence[Path],
        scope: _Scope,
        trailing: Path,
    ) -> tuple[Iterable[Key | None], Path]:
        """The instances that a reference may mean, and what stands behind the key.

        The key is written in the reference, is the reference behind it (`a.b[each.key]` is `a.b` and
        `each.key`), or is the key that the whole expression is asked for.
        """
        every = list(keys)
        if rest:
            return ((rest[0],) if rest[0] in every else ()), rest[1:]
        if index := self._index(following, scope):
            return (index if index[0] in every else ()), ()
        if trailing and trailing[0] in every:
            return (trailing[0],), trailing[1:]
        return every, ()

    def _leaf(self, resource: StateResource, attribute: str, depth: int) -> Iterator[_Source]:
        """A resource's attribute, where only an apply tells it."""
        unknown = fields(resource.values.unknown)
        if attribute and not unknown.get(attribute):
            return
        if not attribute and not any(unknown.values()):
            return
        handed = _HANDED_ON.get(resource.type)
        if handed is None or not resource.is_managed:
            yield _Resource(resource.address, attribute)
            return
        if not unknown.get(handed):
            member = resource.values.member(handed)
            is_plain = isinstance(member.value, str) and member.hidden(None) is None
            yield _Value(member.value) if is_plain else _Hidden(resource.address)
            return
        parts = parsed_address(resource.address)
        if parts is None:
            yield _Hidden(resource.address)
            return
        block, scope = self._block(parts)
        written = fields(block.get("expressions")).get(handed)
        yield from self._of(Written(written), scope, (), depth)

    def _index(self, following: Sequence[Path], scope: _Scope) -> Path:
        """The key behind a reference: `a.b[each.key]` is written as `a.b` and `each.key`."""
        key = self._plain(following[0], scope) if following else None
        return () if key is None else (key,)

    def _plain(self, path: Path, scope: _Scope) -> Key | None:
        """The value of a reference that serves as a key, where the plan's code tells it."""
        match path:
            case ("each", "key") | ("count", "index"):
                return scope.key
            case ("each", "value", *rest):
                found = self._each(scope, tuple(rest))
            case ("var", str() as name, *rest):
                found = self._variable(name, tuple(rest), scope)
            case _:
                return None
        value = None if found is None else found[0]
        return value if isinstance(value, str | int) and not isinstance(value, bool) else None

    def _each(self, scope: _Scope, rest: Path) -> tuple[object] | None:
        """`each.value` and what is in it, in a tuple of one, where the plan's code tells it."""
        if scope.repeated is None or scope.key is None:
            return None
        behind = (scope.key, *rest)
        if (constant := scope.repeated.constant) is not None:
            return _inside(constant[0], behind)
        match scope.repeated.references:
            case (("var", str() as name, *inner),):
                return self._variable(name, (*inner, *behind), _above(scope))
            case _:
                return None

    def _variable(self, name: str, behind: Path, scope: _Scope) -> tuple[object] | None:
        """A variable's value and what is in it, in a tuple of one, where the plan tells it."""
        if not scope.modules:
            given = fields(self._variables.get(name))
            return _inside(given["value"], behind) if "value" in given else None
        call, above = self._call(scope)
        content = fields(call.get("expressions")).get(name)
        if content is None:
            default = self._module(scope).default(name)
            return None if default is None else _inside(default[0], behind)
        written = Written(content)
        if (constant := written.constant) is not None:
            return _inside(constant[0], behind)
        match written.references:
            case (("var", str() as outer, *inner),):
                return self._variable(outer, (*inner, *behind), above)
            case _:
                return None

    def _module(self, scope: _Scope) -> WrittenModule:
        return module_at(self._root, [name for name, _ in scope.modules])

    def _call(self, scope: _Scope) -> tuple[Mapping[str, object], _Scope]:
        """The call of the module that a scope is in, and the scope of what it hands over."""
        *outer, (name, key) = scope.modules
        call = module_at(self._root, [one for one, _ in outer]).call(name)
        return call, _scope(tuple(outer), call, key)

    @cached_property
    def _module_paths(self) -> frozenset[tuple[tuple[str, Key | None], ...]]:
        """Every module instance that has a resource, or calls one that has."""
        found: set[tuple[tuple[str, Key | None], ...]] = set()
        for address in self._resources:
            if (parts := parsed_address(address)) is not None:
                found.update(parts.modules[:end] for end in range(1, len(parts.modules) + 1))
        return frozenset(found)


def _scope(
    modules: tuple[tuple[str, Key | None], ...], block: Mapping[str, object], key: Key | None
) -> _Scope:
    repeated = block.get("for_each_expression")
    return _Scope(
        modules=modules, repeated=None if repeated is None else Written(repeated), key=key
    )


def _above(scope: _Scope) -> _Scope:
    """The scope of a block's own `for_each`."""
    return _Scope(modules=scope.modules)


def _inside(value: object, path: Path) -> tuple[object] | None:
    """What stands at a path, in a tuple of one; an attribute that is not set is `null`."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(str(step))
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        elif value is None:
            return (None,)
        else:
            return None
    return (value,)


def _is_of_resources(path: Path) -> bool:
    return bool(path) and path[0] not in {"var", "local", "each", "count", "module"}
