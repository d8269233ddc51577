"""What a root's own code calls accounts: the words that stand beside their ids in locals and variables."""

import re
from collections.abc import Iterator, Mapping

from generator.hcl.module import Module
from generator.hcl.scope import TooMuchWorkError
from generator.hcl.syntax import AttributeStep
from generator.hcl.values import EvaluationError, Fields, Items, Value
from generator.model.values import AccountId

DEEPEST = 6

_ID = re.compile(r"[0-9]{12}")
_ABOUT_ACCOUNTS = re.compile(
    r"(?:^|[-_])(?:aws|accounts?|ids?|numbers?|principals?|roots?)(?=[-_]|$)", re.IGNORECASE
)
"""Words that say that it is an account, and not which one."""
_NAMING = ("name", "alias", "account_name")


def account_words(root: Module) -> dict[AccountId, str]:
    """The word of each account that has exactly one, and no other account has it."""
    words: dict[str, set[str]] = {}
    for name, value in _named_values(root):
        for account, word in _words(name, value, 0):
            if word:
                words.setdefault(account, set()).add(word)
    told = {account: min(found) for account, found in words.items() if len(found) == 1}
    return {
        AccountId(account): word
        for account, word in sorted(told.items())
        if list(told.values()).count(word) == 1
    }


def _named_values(root: Module) -> Iterator[tuple[str, Value]]:
    for sort, names in (("local", root.source.locals), ("var", root.source.variables)):
        for name, block in names.items():
            span = block.span
            steps = (AttributeStep(name=name, span=span),)
            try:
                yield name, root.resolve(sort, steps, span)[0]
            except (EvaluationError, TooMuchWorkError, RecursionError):
                continue


def _words(name: str, value: Value, depth: int) -> Iterator[tuple[str, str]]:
    """The ids in a value with the nearest word that names something."""
    if depth > DEEPEST:
        return
    match value.content:
        case str() as text if _ID.fullmatch(text):
            yield text, _word(name)
        case Fields(values=fields):
            own = _own_name(fields) or name
            for key, item in fields.items():
                if _ID.fullmatch(key):
                    # The ids are the keys, and what they stand for is the name.
                    word = item.content if isinstance(item.content, str) else None
                    inner = (
                        _own_name(item.content.values) if isinstance(item.content, Fields) else ""
                    )
                    yield key, _word(word or inner or "")
                else:
                    yield from _words(key if _word(key) else own, item, depth + 1)
        case Items(values=items):
            # A list says that there are several, and of none which one it is.
            for item in items:
                if isinstance(item.content, Fields):
                    yield from _words(_own_name(item.content.values), item, depth + 1)
        case _:
            pass


def _own_name(fields: Mapping[str, Value]) -> str:
    for key in _NAMING:
        if key in fields and isinstance(text := fields[key].content, str):
            return text
    return ""


def _word(name: str) -> str:
    """A name without the words that every account could have."""
    return re.sub(r"[-_]+", "-", _ABOUT_ACCOUNTS.sub("", name)).strip("-")
