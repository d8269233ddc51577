"""The parser's table, kept between runs as JSON: whoever writes there can run no code by it."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from generator.hcl.kept_values import keep_text, kept_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from lark import Lark

_Plain: TypeAlias = "str | int | float | bool | list[_Plain] | tuple[_Plain, ...] | set[_Plain] | dict[_Plain, _Plain] | None"


def kept_parser(grammar: str, cache_folder: Path | None) -> "Lark":
    """The parser of a grammar, built from its kept table where there is one that fits."""
    import lark

    # Places of branches are those of their tokens; noting them at each branch costs a third.
    if cache_folder is None:
        return lark.Lark(grammar, parser="lalr")
    about = f"{lark.__version__}\n{grammar}"
    name = f"parser-{hashlib.sha256(about.encode()).hexdigest()[:32]}.json"
    text = kept_text(cache_folder, name)
    if text is not None:
        parser = _built(text)
        if parser is not None:
            return parser
    parser = lark.Lark(grammar, parser="lalr")
    keep_text(cache_folder, name, _written(parser))
    return parser


def _written(parser: "Lark") -> str:
    import json

    from lark.grammar import Rule
    from lark.lexer import TerminalDef

    data, memo = parser.memo_serialize([TerminalDef, Rule])
    return json.dumps({"data": _encoded(data), "memo": _encoded(memo)}, separators=(",", ":"))


def _built(text: str) -> "Lark | None":
    """The parser of a table; `None` when the text is no table of one."""
    import json

    import lark

    load = cast("Callable[[_Plain, _Plain], Lark]", lark.Lark._load_from_dict)
    try:
        table: dict[str, object] = json.loads(text)
        return load(_decoded(table["data"]), _decoded(table["memo"]))
    except (
        ValueError,
        TypeError,
        KeyError,
        IndexError,
        AttributeError,
        AssertionError,
        RecursionError,
        lark.exceptions.LarkError,
    ):
        return None


def _encoded(value: object) -> object:
    """The value as JSON can hold it: tuples and sets are told apart, and numbers can be keys.

    What a state does at a token (`(0, state)` or `(1, {"@": rule})`) is one number: there are
    thousands of them.
    """
    match value:
        case dict() if value and all(isinstance(key, int) for key in value):
            if all(map(_is_step, value.values())):
                steps = [step if kind == 0 else -1 - step["@"] for kind, step in value.values()]
                return {"a": [list(value), steps]}
            return {"i": [list(value), [_encoded(item) for item in value.values()]]}
        case dict():
            return {"o": {str(key): _encoded(item) for key, item in value.items()}}
        case tuple():
            return {"t": [_encoded(item) for item in value]}
        case set() | frozenset():
            return {"s": sorted((_encoded(item) for item in value), key=repr)}
        case list():
            return [_encoded(item) for item in value]
        case str() | int() | float() | None:
            return value
        case _:
            raise TypeError(f"{type(value).__name__} cannot be kept")


def _is_step(value: object) -> bool:
    match value:
        case (0, int()):
            return True
        case (1, {"@": int(), **others}):
            return not others
        case _:
            return False


def _decoded(value: object) -> "_Plain":
    match value:
        case str() | int() | float() | None:
            return value
        case list():
            return list(map(_decoded, value))
        case {"o": dict(items)}:
            return {key: _decoded(item) for key, item in items.items()}
        case {"a": [list(keys), list(steps)]}:
            return {
                key: (0, step) if step >= 0 else (1, {"@": -1 - step})
                for key, step in zip(keys, steps, strict=True)
            }
        case {"i": [list(keys), list(items)]}:
            return dict(zip(keys, map(_decoded, items), strict=True))
        case {"t": list(items)}:
            return tuple(map(_decoded, items))
        case {"s": list(items)}:
            return set(map(_decoded, items))
        case _:
            raise ValueError("this is no table")
