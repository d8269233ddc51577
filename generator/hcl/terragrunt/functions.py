"""The functions that Terragrunt adds to Terraform's own."""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from generator.hcl.conversions import as_text
from generator.hcl.files import UnreadableError, is_inside, joined
from generator.hcl.project import Project
from generator.hcl.values import EvaluationError, NotComputedError, Value, unknown, unknown_in
from generator.model.span import Span

DEFAULT_FILE = "terragrunt.hcl"
STACK_FILE = "terragrunt.stack.hcl"

FILES = (DEFAULT_FILE, f"{DEFAULT_FILE}.json")
"""The files that make a folder one of Terragrunt's; the first that is there counts."""


def file_in(folder: Path) -> Path:
    """The configuration in a folder, as Terragrunt looks for it."""
    places = [folder / name for name in FILES]
    return next((place for place in places if place.is_file()), places[0])


class Surroundings(Protocol):
    """Where a call of one of the functions stands."""

    project: Project
    unit: Path
    """The folder of the configuration that is evaluated, whoever includes what."""
    first: Path
    """The folder of the configuration that everything began with."""

    def included(self, name: str | None) -> Path | None:
        """The folder of what is included under a name, or of the only one; `None` without any."""

    def place_of(self, text: str) -> Path:
        """A path of the folder."""

    def configuration(self, path: Path, span: Span) -> Value:
        """What another file says; raises `UnreadableError`."""


def _path(folder: Path, span: Span) -> Value:
    return Value(folder.absolute().as_posix(), span)


def _find_in_parent_folders(around: Surroundings, words: Sequence[str], span: Span) -> Value:
    folder = around.unit
    while folder != folder.parent and is_inside(folder.parent, around.project.project_root):
        folder = folder.parent
        found = joined(folder, words[0]) if words else file_in(folder)
        if found.exists() and is_inside(found, around.project.project_root):
            around.project.look(found)
            return _path(found, span)
    if len(words) > 1:
        return Value(words[1], span)
    name = words[0] if words else DEFAULT_FILE
    raise NotComputedError(f"no folder of the project above `{around.unit.name}` has `{name}`")


def _relative(folder: Path, start: Path, span: Span) -> Value:
    return Value(Path(os.path.relpath(folder, start)).as_posix(), span)


def _path_relative_to_include(around: Surroundings, words: Sequence[str], span: Span) -> Value:
    included = around.included(words[0] if words else None)
    return Value(".", span) if included is None else _relative(around.unit, included, span)


def _path_relative_from_include(around: Surroundings, words: Sequence[str], span: Span) -> Value:
    included = around.included(words[0] if words else None)
    return Value(".", span) if included is None else _relative(included, around.unit, span)


def _get_parent_terragrunt_dir(around: Surroundings, words: Sequence[str], span: Span) -> Value:
    return _path(around.included(words[0] if words else None) or around.unit, span)


def _repository(around: Surroundings) -> Path:
    root = around.project.project_root
    if not (root / ".git").exists():
        raise NotComputedError("the project's root is no git repository")
    return root.absolute()


def _read_terragrunt_config(around: Surroundings, words: Sequence[str], span: Span) -> Value:
    return around.configuration(around.place_of(words[0]), span)


_FUNCTIONS: Mapping[str, Callable[[Surroundings, Sequence[str], Span], Value]] = {
    "find_in_parent_folders": _find_in_parent_folders,
    "get_original_terragrunt_dir": lambda around, _, span: _path(around.first, span),
    "get_parent_terragrunt_dir": _get_parent_terragrunt_dir,
    "get_path_from_repo_root": lambda around, _, span: _relative(
        around.unit.absolute(), _repository(around), span
    ),
    "get_path_to_repo_root": lambda around, _, span: _relative(
        _repository(around), around.unit.absolute(), span
    ),
    "get_repo_root": lambda around, _, span: _path(_repository(around), span),
    "get_terragrunt_dir": lambda around, _, span: _path(around.unit, span),
    "mark_as_read": lambda _, words, span: Value(words[0], span),
    "path_relative_from_include": _path_relative_from_include,
    "path_relative_to_include": _path_relative_to_include,
    "read_terragrunt_config": _read_terragrunt_config,
}
_LEAST = {"mark_as_read": 1, "read_terragrunt_config": 1}


def call_terragrunt(
    around: Surroundings, name: str, arguments: Sequence[Value], span: Span
) -> Value:
    """The result of one of the functions; raises `EvaluationError`.

    Those that ask the environment, AWS, another program or the command line give an unknown value.
    """
    function = _FUNCTIONS.get(name)
    if function is None:
        written = f'"{as_text(arguments[0])}"' if arguments and _is_text(arguments[0]) else "…"
        return unknown("it is asked where Terragrunt runs", f"{name}({written})", span)
    if len(arguments) < _LEAST.get(name, 0):
        raise EvaluationError(f"{name}() does not take {len(arguments)} arguments")
    fallback = arguments[1:2] if name == "read_terragrunt_config" else ()
    used = [argument for argument in arguments if argument not in fallback]
    for argument in used:
        if (missing := unknown_in(argument)) is not None:
            return Value(missing, span)
    try:
        return function(around, [as_text(argument) for argument in used], span)
    except UnreadableError as error:
        if fallback:
            return fallback[0]
        raise NotComputedError(f"{name}(): the file was not read: {error}") from None


def _is_text(value: Value) -> bool:
    return isinstance(value.content, str)
