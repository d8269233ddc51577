"""The words that `forebay explain` knows, each with its pages."""

from collections.abc import Iterator
from enum import StrEnum
from textwrap import fill

from generator.data.resources import upstream_page
from generator.frozen_data import frozen
from generator.model.errors import ExitCode
from generator.model.levels import AUTHORIZATION_ACTION, Level
from generator.model.upstreams import CONSOLE_NAMES, REGISTRIES
from generator.rules.manuals import entries, rule_names
from generator.topology.key_table import Key, default_of, key_names, keys_named, value_of

_WIDTH = 100


class Kind(StrEnum):
    """What a word can be."""

    EXIT_CODE = "exit code"
    KEY = "key of a topology"
    LEVEL = "level of a grant"
    RULE = "rule"
    UPSTREAM = "upstream"


@frozen
class Page:
    """What a word means as one of these kinds; a word can be several."""

    word: str
    kind: Kind
    text: str


_LEVELS = {
    Level.CACHED: "Pulls what the cache holds already. AWS does not document whether ECR looks upstream for a "
    "newer image when the caller may not import, so prefer `pull`.",
    Level.PULL: "Pulls from repositories that are there, and has ECR bring newer or further images of them from "
    "the upstream. The first pull of a repository needs `first-pull`.",
    Level.FIRST_PULL: "Pulls whatever the upstream has: the first pull of an image also makes its repository, by "
    "the creation template.",
}

_EXIT_CODES = {
    ExitCode.OK: "Nothing to report. Warnings and notes leave it so; with `--strict`, warnings do not.",
    ExitCode.ERROR: "It could not be done: a mistake in the command line, a file that cannot be read, AWS that "
    "refused; also a mistake in the topology, for every command but `validate`. Findings are printed all the same.",
    ExitCode.FINDINGS: "There are findings, drift, or files that would change. `--fail-on` says from which severity "
    "on, `--exit-zero` makes it 0.",
    ExitCode.UNDECIDED: "Nothing is proven wrong, but something could not be decided or read; each such result says "
    "what would decide it. `--exit-zero` makes it 0.",
    ExitCode.INTERRUPTED: "It was interrupted with Ctrl-C. Nothing is left half written.",
}


def pages_of(word: str) -> tuple[Page, ...]:
    """Everything that a word means; nothing for a word that is not known."""
    return tuple(_pages(word))


def words() -> tuple[str, ...]:
    """All words that have a page, sorted."""
    found = {*rule_names(), *key_names(), *Level, *REGISTRIES, *CONSOLE_NAMES}
    return tuple(sorted(found | {str(code.value) for code in ExitCode}))


def _pages(word: str) -> Iterator[Page]:
    for code in ExitCode:
        if word == str(code.value):
            yield Page(word=word, kind=Kind.EXIT_CODE, text=_folded(_EXIT_CODES[code]))
    for level in Level:
        if word == level:
            actions = ", ".join(f"`{action}`" for action in level.actions)
            rest = f"Actions on the repositories of the cache: {actions}; and `{AUTHORIZATION_ACTION}`."
            yield Page(
                word=word, kind=Kind.LEVEL, text=f"{_folded(_LEVELS[level])}\n\n{_folded(rest)}"
            )
    name = CONSOLE_NAMES.get(word, word)
    if name in REGISTRIES and (page := upstream_page(name)) is not None:
        yield Page(word=word, kind=Kind.UPSTREAM, text=page)
    for entry in entries():
        if entry.name == word:
            where = ", ".join(f"`{command}`" for command in entry.commands)
            text = f"{entry.severity.value}; reported by {where}\n\n{entry.manual.text}"
            yield Page(word=word, kind=Kind.RULE, text=text)
    keys = keys_named(word)
    if keys:
        yield Page(word=word, kind=Kind.KEY, text="\n\n".join(map(_key, keys)))


def _key(key: Key) -> str:
    places = ", ".join(f"`{place}`" for place in key.places)
    default = default_of(key.field)
    end = "" if default == "-" else f" Default: {default}."
    value = f"Value: {value_of(key.field.shape)}.{end}".replace(
        "Default: required", "It is required"
    )
    return f"{places}\n\n{_folded(key.field.description)}\n{_folded(value)}"


def _folded(text: str) -> str:
    return fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
