"""The manual of a rule: the docstring of its module, with a bad and a good example."""

import re
import sys
from collections.abc import Callable, Mapping
from inspect import cleandoc
from types import MappingProxyType

from generator.frozen_data import frozen

EXAMPLE_FILES: Mapping[str, str] = MappingProxyType(
    {"yaml": "topology.yaml", "hcl": "main.tf", "json": "policy.json"}
)
"""The file that a block of a language stands for, unless the block names one itself."""

_HEADING = re.compile(r"^\*\*(Bad|Good)\*\*$", re.MULTILINE)
_BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@frozen
class Manual:
    """What a manual says: one line, the whole text in Markdown, the examples by file name."""

    summary: str
    text: str
    bad: Mapping[str, str]
    good: Mapping[str, str]


def manual_of(check: Callable[..., object]) -> Manual:
    """The manual of the rule whose function this is."""
    return parse_manual(sys.modules[check.__module__].__doc__ or "")


def parse_manual(docstring: str) -> Manual:
    """Take a manual apart; what stands below `**Bad**` and `**Good**` are the examples."""
    text = cleandoc(docstring)
    pieces = _HEADING.split(text)
    parts = dict(zip(pieces[1::2], pieces[2::2], strict=True))
    return Manual(
        summary=" ".join(text.split("\n\n", 1)[0].split()),
        text=text,
        bad=_files(parts.get("Bad", "")),
        good=_files(parts.get("Good", "")),
    )


def _files(text: str) -> dict[str, str]:
    return {name or EXAMPLE_FILES[language]: body for language, name, body in _BLOCK.findall(text)}
