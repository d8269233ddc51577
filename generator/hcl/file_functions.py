"""Functions that read files of the project: `file`, `templatefile` and their like."""

import base64
import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.hcl.conversions import as_text, text_of
from generator.hcl.evaluation import TERRAGRUNT_FUNCTIONS, evaluate, template_pieces
from generator.hcl.files import UnreadableError, joined
from generator.hcl.functions.table import call
from generator.hcl.project import Project
from generator.hcl.scope import Names, Scope
from generator.hcl.syntax import Body, Call, Step, Template, nodes_in
from generator.hcl.unicode_text import normalised
from generator.hcl.values import (
    EvaluationError,
    Fields,
    FileText,
    Items,
    NotComputedError,
    Value,
    unknown,
    unknown_in,
)
from generator.model.span import Span

_WITH_TWO = frozenset({"fileset", "templatefile", "templatestring"})


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
    if name in TERRAGRUNT_FUNCTIONS:
        return call(name, arguments, span)
    if len(arguments) != (2 if name in _WITH_TWO else 1):
        raise EvaluationError(f"{name}() does not take {len(arguments)} arguments")
    if (missing := unknown_in(arguments[0])) is not None:
        return Value(missing, span)
    written = as_text(arguments[0])
    if name == "provider::terraform::decode_tfvars":
        return _decoded(project.values_text(written, span), span)
    if name == "templatestring":
        template = project.template_text(written, span)
        return _filled(template, arguments[1], name, span, names=names)
    path = joined(folder, written)
    try:
        if name == "fileexists":
            return Value(project.exists(path), span)
        if name == "templatefile":
            return _filled(project.template(path), arguments[1], name, span, names=names)
        if name == "fileset":
            return _fileset(path, as_text(arguments[1]), project=project, span=span)
        text = project.named_text(path)
    except UnreadableError as error:
        return unknown(f"the file was not read: {error}", f'{name}("{written}")', span)
    match name:
        case "file":
            held = normalised(text)
            # Where signs are put together, an offset leads nowhere.
            return Value(FileText.of(text, path) if held == text else held, span)
        case "filebase64":
            return Value(base64.b64encode(text.encode()).decode(), span)
        case _:
            is_base64 = name.startswith("filebase64")
            algorithm = name.removeprefix("filebase64" if is_base64 else "file")
            digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
            if is_base64:
                return Value(base64.b64encode(digest.digest()).decode(), span)
            return Value(digest.hexdigest(), span)


def _decoded(body: Body, span: Span) -> Value:
    """The values of variables in a text; they name nothing and call nothing."""
    if body.blocks:
        raise EvaluationError("a file of values has no blocks")
    if any(isinstance(node, Call) for each in body.attributes.values() for node in nodes_in(each)):
        # Terraform refuses a call, but not in the branch that a condition leaves out.
        raise NotComputedError("a file of values calls a function")
    scope = Scope(names=_NoNames(), local={})
    values = {
        name: evaluate(attribute.expression, scope) for name, attribute in body.attributes.items()
    }
    return Value(Fields(values=values), span)


def _fileset(folder: Path, pattern: str, *, project: Project, span: Span) -> Value:
    """The files below a folder whose paths match a pattern, as a set of texts."""
    if re.search(r"[\\{\[!]", pattern) or ".." in pattern.split("/"):
        raise NotComputedError("the pattern of fileset() is not evaluated")
    found = {
        normalised(path.relative_to(folder).as_posix())
        for path in _matching(folder, pattern.split("/"), project)
    }
    values = tuple(Value(name, span) for name in sorted(found))
    return Value(Items(values=values, kind="set"), span)


def _matching(folder: Path, patterns: Sequence[str], project: Project) -> Iterator[Path]:
    """The files that a pattern names, part by part; `**` stands for any number of folders."""
    first, *rest = patterns
    if first == "**" and rest:
        yield from _matching(folder, rest, project)
    name = re.compile(
        "".join({"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)) for sign in first)
    )
    for path in project.entries(folder):
        if first != "**" and not name.fullmatch(path.name):
            continue
        if path.is_symlink() or path.name == ".git":
            # Terraform would follow a link that leads out of the project.
            raise UnreadableError(f"`{path.name}` is not looked into")
        if path.is_dir() and (rest or first == "**"):
            yield from _matching(path, patterns if first == "**" else rest, project)
        elif path.is_file() and (not rest):
            yield path


def _filled(template: Template, variables: Value, name: str, span: Span, *, names: Names) -> Value:
    if (missing := unknown_in(variables)) is not None:
        return Value(missing, span)
    if not isinstance(variables.content, Fields):
        raise EvaluationError(f"{name}() needs a map of variables")
    scope = Scope(names=_TemplateNames(names), local=variables.content.values)
    pieces = list(template_pieces(template.parts, scope, []))
    return text_of(pieces, span)


class _NoNames:
    """What a file of values sees: nothing."""

    conditions = None

    def meaning(self, name: str, word: str) -> None:
        """Say that no name stands for anything."""

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:  # noqa: ARG002
        """Refuse every name."""
        raise EvaluationError(f"a file of values cannot name `{name}`")

    def is_called_from_outside(self, span: Span) -> bool:  # noqa: ARG002
        """Say no: a text is nobody's module."""
        return False

    def covers(self, span: Span) -> bool:  # noqa: ARG002
        """Say yes: places of values pass through as they are."""
        return True

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:  # noqa: ARG002
        """Refuse every function."""
        raise EvaluationError(f"a file of values cannot call {name}()")

    def count_step(self, steps: int = 1) -> None:
        """Do not count: the text itself is limited."""


class _TemplateNames:
    """What a template file sees: its variables, and nothing of the module around it."""

    def __init__(self, around: Names) -> None:
        self._around = around
        self.conditions = around.conditions

    def meaning(self, name: str, word: str) -> None:
        """Say that no name of the module is seen here."""

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
