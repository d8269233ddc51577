"""Says the shortest remedy that is true: what `generate` does about the files as they are.

Whoever finds a mistake knows the place, and not whether a person edited the file there: over an edited
file `generate` writes nothing without `--force`.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from generator.estate.wording import (
    ADD_HERE,
    CHANGE_CODE,
    GENERATE,
    NARROW_STATEMENT,
    REMOVE_HERE,
    RUN_GENERATE,
)
from generator.model.finding import CAUSES, Finding
from generator.model.generated_code import GeneratedCode

_OR_ELSE = re.compile(rf"{re.escape(RUN_GENERATE)}, or (\w)")
"""Where no run has written anything, `generate` would write a second tree beside the code."""
_BY_HAND = (CHANGE_CODE, ADD_HERE, REMOVE_HERE, NARROW_STATEMENT)


def with_true_remedies(
    findings: Iterable[Finding], generated: Callable[[], GeneratedCode | None]
) -> Iterator[Finding]:
    """The findings, each with what there is to do about it where `generate` wrote the file.

    What became of the files is asked when the first finding needs it.
    """
    edited: frozenset[Path] | None = None
    for finding in findings:
        if finding.rule in CAUSES or not any(
            sentence in finding.message for sentence in (*_BY_HAND, GENERATE)
        ):
            yield finding
            continue
        if (code := generated()) is None:
            yield replace(finding, message=_OR_ELSE.sub(_begun, finding.message))
            continue
        # A thousand results have a thousand roots between them: this is found out once.
        edited = code.edited_files if edited is None else edited
        yield replace(finding, message=_message(finding, code.command, edited))


def _message(finding: Finding, command: str, edited: frozenset[Path]) -> str:
    command = f"`{command} --force`" if edited else f"`{command}`"
    message = finding.message.replace(GENERATE, command)
    if finding.location is not None and finding.location.file in edited:
        for sentence in _BY_HAND:
            message = message.replace(sentence, f"Let {command} write the file anew, or ")
    return message


def _begun(remedy: re.Match[str]) -> str:
    return remedy[1].upper()
