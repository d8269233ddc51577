"""What a plan says of the code it was made from: expressions without their text, only what they refer to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.frozen_data import frozen
from generator.state.document import elements, fields, parse_embedded, word

Key = str | int
Path = tuple[Key, ...]

_STEP = re.compile(r'([A-Za-z_][\w-]*)|\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\.')


def steps_in(text: str) -> Path:
    """The words and keys of an address or a reference: `a.b["c"][0]` is `a`, `b`, `c`, `0`.

    Empty when the text is something else.
    """
    found: list[Key] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return ()
        if match[1] is not None:
            found.append(match[1])
        elif match[2] is not None:
            found.append(_unquoted(match[2]))
        elif match[3] is not None:
            found.append(int(match[3]))
        at = match.end()
    return tuple(found)


def _unquoted(text: str) -> str:
    try:
        return word(parse_embedded(f'"{text}"'))
    except ValueError:
        return text


@frozen
class Address:
    """A resource's address in parts: the module calls with their keys, the block, its own key."""

    modules: tuple[tuple[str, Key | None], ...]
    block: str
    key: Key | None


def parsed_address(text: str) -> Address | None:
    """The parts of a resource address; `None` when the text is none."""
    rest = list(_marked_steps(text))
    modules: list[tuple[str, Key | None]] = []
    while len(rest) > 1 and rest[0] == ("module", False):
        name = str(rest[1][0])
        del rest[:2]
        modules.append((name, rest.pop(0)[0] if rest and rest[0][1] else None))
    size = 3 if rest and rest[0] == ("data", False) else 2
    words, keys = rest[:size], rest[size:]
    if len(words) < size or any(is_key for _, is_key in words) or len(keys) > 1:
        return None
    return Address(
        modules=tuple(modules),
        block=".".join(str(step) for step, _ in words),
        key=keys[0][0] if keys else None,
    )


def _marked_steps(text: str) -> Iterator[tuple[Key, bool]]:
    """Each step of a text, and whether it stands in brackets."""
    for match in _STEP.finditer(text):
        if match[1] is not None:
            yield match[1], False
        elif match[2] is not None:
            yield _unquoted(match[2]), True
        elif match[3] is not None:
            yield int(match[3]), True


@dataclass(frozen=True, slots=True)
class Written:
    """One expression of the code: its value where it is a constant, else what it refers to."""

    content: object

    @property
    def constant(self) -> tuple[object] | None:
        """The value, in a tuple of one; `None` when it is no constant."""
        found = fields(self.content)
        return (found["constant_value"],) if "constant_value" in found else None

    @property
    def references(self) -> tuple[Path, ...]:
        """What it refers to, in the order of the code; of `a.b.c`, `a.b` and `a` only the first.

        Blocks and lists of blocks refer to all that is in them.
        """
        return tuple(_longest(_references(self.content)))


def _references(content: object) -> Iterator[Path]:
    for item in elements(content):
        yield from _references(item)
    for name, item in fields(content).items():
        if name == "references":
            yield from (steps_in(word(each)) for each in elements(item))
        elif name != "constant_value":
            yield from _references(item)


def _longest(found: Iterator[Path]) -> Iterator[Path]:
    """Terraform names each reference in full, and then what its beginnings are."""
    last: Path = ()
    for path in found:
        if path != last[: len(path)] or path == last:
            last = path
            yield path


@dataclass(frozen=True, slots=True)
class WrittenModule:
    """The code of one module in a plan."""

    content: Mapping[str, object]

    def resource(self, block: str) -> Mapping[str, object] | None:
        """A resource block by its address in the module."""
        return next(
            (
                item
                for item in map(fields, elements(self.content.get("resources")))
                if item.get("address") == block
            ),
            None,
        )

    def call(self, name: str) -> Mapping[str, object]:
        """A module call, empty when there is none of that name."""
        return fields(fields(self.content.get("module_calls")).get(name))

    def output(self, name: Key) -> Written | None:
        """The expression of an output."""
        found = fields(self.content.get("outputs")).get(str(name))
        return None if found is None else Written(fields(found).get("expression"))

    def default(self, name: str) -> tuple[object] | None:
        """A variable's default, in a tuple of one; `None` when it has none."""
        found = fields(fields(self.content.get("variables")).get(name))
        return (found["default"],) if "default" in found else None


def module_at(root: Mapping[str, object], calls: Sequence[str]) -> WrittenModule:
    """The code of the module that is reached by these calls."""
    module = root
    for name in calls:
        module = fields(fields(fields(module.get("module_calls")).get(name)).get("module"))
    return WrittenModule(module)
