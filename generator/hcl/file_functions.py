"""Functions that read files of the project: `file`, `templatefile` and their like."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from generator.hcl.conversions import as_text, text_of
from generator.hcl.evaluation import template_pieces
from generator.hcl.files import UnreadableError, joined
from generator.hcl.folder import Project
from generator.hcl.scope import Names, Scope
from generator.hcl.syntax import Step
from generator.hcl.unicode_text import normalised
from generator.hcl.values import EvaluationError, Fields, Value, unknown, unknown_in
from generator.model.span import Span


def call_file_function(
    name: str,
    arguments: Sequence[Value],
    span: Span,
    *,
    project: Project,
    folder: Path,
    names: Names,
) -> Value:
    """The result of a function that reads a file of the project; raises `EvaluationError`.

    `folder` is the one that relative paths start at, that of the root module; `names` are those of
    the module that calls.
    """
    if len(arguments) != (2 if name == "templatefile" else 1):
        raise EvaluationError(f"{name}() does not take {len(arguments)} arguments")
    if (missing := unknown_in(arguments[0])) is not None:
        return Value(missing, span)
    written = as_text(arguments[0])
    path = joined(folder, written)
    try:
        if name == "fileexists":
            return Value(project.exists(path), span)
        if name == "templatefile":
            return _rendered(path, arguments[1], span, project=project, names=names)
        text = project.text(path)
    except UnreadableError as error:
        return unknown(f"the file was not read: {error}", f'{name}("{written}")', span)
    match name:
        case "file":
            return Value(normalised(text), span)
        case "filebase64":
            return Value(base64.b64encode(text.encode()).decode(), span)
        case _:
            algorithm = name.removeprefix("file")
            digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
            return Value(digest.hexdigest(), span)


def _rendered(path: Path, variables: Value, span: Span, *, project: Project, names: Names) -> Value:
    template = project.template(path)
    if (missing := unknown_in(variables)) is not None:
        return Value(missing, span)
    if not isinstance(variables.content, Fields):
        raise EvaluationError("templatefile() needs a map of variables")
    scope = Scope(names=_TemplateNames(names), local=variables.content.values)
    pieces = list(template_pieces(template.parts, scope, []))
    return text_of(pieces, span)


class _TemplateNames:
    """What a template file sees: its variables, and nothing of the module around it."""

    def __init__(self, around: Names) -> None:
        self._around = around

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:  # noqa: ARG002
        """Refuse: a template file only knows the variables it is given."""
        raise EvaluationError(f"the template file has no variable `{name}`")

    def is_called_from_outside(self, span: Span) -> bool:  # noqa: ARG002
        """Say no: a template file is nobody's module."""
        return False

    def covers(self, span: Span) -> bool:  # noqa: ARG002
        """Say yes: places of values pass through as they are."""
        return True

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """The result of a function that reads a file of the project."""
        return self._around.call_file_function(name, arguments, span)

    def count_step(self, steps: int = 1) -> None:
        """Count work; raises `TooMuchWorkError`."""
        self._around.count_step(steps)
