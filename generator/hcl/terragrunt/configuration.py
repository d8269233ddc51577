"""One file of Terragrunt, evaluated: its names, what it includes, what it hands to the code."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from generator.frozen_data import frozen
from generator.hcl.budget import Budget
from generator.hcl.conversions import as_boolean, as_text
from generator.hcl.evaluation import TERRAGRUNT_FUNCTIONS, evaluate, evaluate_or_unknown
from generator.hcl.file_functions import call_file_function
from generator.hcl.files import UnreadableError, is_inside, joined
from generator.hcl.project import Project
from generator.hcl.scope import Scope
from generator.hcl.steps import step_word
from generator.hcl.syntax import Block, Body, Step
from generator.hcl.terragrunt.functions import call_terragrunt, file_in
from generator.hcl.values import (
    Deferred,
    EvaluationError,
    Fields,
    Items,
    NotComputedError,
    UnknownContent,
    Value,
    unknown,
    unknown_in,
)
from generator.model.span import Span

MOST_FILES = 100
"""How many files one folder's configuration may read; no person's reads as many."""


@frozen
class Included:
    """Another file that a configuration includes, and how the two are made one."""

    label: str
    configuration: "Configuration"
    strategy: str
    is_exposed: bool


class Files:
    """The files of Terragrunt in one project, each parsed once, and those that one folder reads."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._bodies: dict[Path, Body | None] = {}

    def body(self, path: Path) -> Body:
        """A file's content; raises `UnreadableError`, also for what cannot be parsed."""
        if not is_inside(path, self.project.project_root):
            raise UnreadableError("it lies outside of the project")
        if path.is_dir():
            path = file_in(path)
        self.project.look(path)
        if not path.is_file():
            raise UnreadableError("there is no such file")
        if path not in self._bodies:
            self._bodies[path] = self.project.body(path)
        body = self._bodies[path]
        if body is None:
            raise UnreadableError("it cannot be parsed")
        return body


class Configuration:
    """One file in the eyes of a folder that Terragrunt runs in.

    `unit` is that folder; for a file that another one reads, the file's own. `included_by` is set for a
    file that is included: its functions mean what they mean there.
    """

    def __init__(
        self,
        files: Files,
        path: Path,
        *,
        unit: Path,
        first: Path,
        budget: Budget,
        read: set[Path],
        included_by: "Configuration | None" = None,
    ) -> None:
        self.path = file_in(path) if path.is_dir() else path
        self.unit = unit
        self.first = first
        self.files = files
        self.project = files.project
        self.scope = Scope(names=self, local={})
        self._budget = budget
        self._read = read
        self._included_by = included_by
        read.add(self.path)
        if len(read) > MOST_FILES:
            raise UnreadableError("it reads too many files")
        self.body = files.body(self.path)
        self._memory: dict[str, Value] = {}
        self._busy: set[str] = set()
        self._locals = {
            name: attribute
            for block in self.body.blocks
            if block.type == "locals"
            for name, attribute in block.body.attributes.items()
        }
        self._included: tuple[Included, ...] | None = None

    @property
    def includes(self) -> tuple[Included, ...]:
        """What the file includes, in order; raises `EvaluationError`."""
        if self._included is None:
            self._included = ()
            self._included = tuple(self._all_included())
        return self._included

    def _all_included(self) -> Iterator[Included]:
        for block in self.blocks("include"):
            if self._included_by is not None:
                raise NotComputedError("a file that is included includes another one")
            path = self.argument(block, "path")
            if path is None or unknown_in(path) is not None:
                raise NotComputedError("the path of an `include` is not known")
            target = self.place_of(as_text(path))
            try:
                configuration = Configuration(
                    self.files,
                    target,
                    unit=self.unit,
                    first=self.first,
                    budget=self._budget,
                    read=self._read,
                    included_by=self,
                )
            except UnreadableError as error:
                raise NotComputedError(f"`{target.name}` was not read: {error}") from None
            strategy = self.argument(block, "merge_strategy")
            exposed = self.argument(block, "expose")
            yield Included(
                label=block.labels[0] if block.labels else "",
                configuration=configuration,
                strategy="shallow" if strategy is None else as_text(strategy),
                is_exposed=exposed is not None and as_boolean(exposed),
            )

    def place_of(self, text: str) -> Path:
        """A path of the folder, written as the folder's own is: from the working folder on or not."""
        path = joined(self.unit, text)
        here = Path.cwd()
        if path.is_absolute() and not self.unit.is_absolute() and path.is_relative_to(here):
            return path.relative_to(here)
        return path

    def blocks(self, kind: str) -> list[Block]:
        """The blocks of one type."""
        return [block for block in self.body.blocks if block.type == kind]

    def argument(self, block: Block, name: str) -> Value | None:
        """The value of an argument of a block; raises `EvaluationError`."""
        attribute = block.body.attributes.get(name)
        return None if attribute is None else evaluate(attribute.expression, self.scope)

    def inputs(self) -> Value | None:
        """The file's own `inputs`, `None` without any; what cannot be evaluated is unknown."""
        attribute = self.body.attributes.get("inputs")
        return None if attribute is None else evaluate_or_unknown(attribute.expression, self.scope)

    def exposed(self) -> Value:
        """The file as others see it that read or include it."""
        return Value(
            Deferred(reference=self.path.name, read=self._exposed, names=("inputs", "locals"))
        )

    def _exposed(self, name: str) -> Value:
        match name:
            case "locals":
                return Value(Fields(values={each: self._local(each) for each in self._locals}))
            case "inputs":
                return self.inputs() or Value(Fields(values={}))
            case _:
                return unknown("it is not evaluated", f"{self.path.name}: {name}")

    # The functions of Terragrunt ask these.

    def included(self, name: str | None) -> Path | None:
        """The folder of what is included under a name, or of the only one."""
        if self._included_by is not None and name is None:
            return self.path.parent
        child = self._included_by or self
        found = [each for each in child.includes if name in {None, each.label}]
        return found[0].configuration.path.parent if found else None

    def configuration(self, path: Path, span: Span) -> Value:
        """What another file says, in its own eyes."""
        folder = path if path.is_dir() else path.parent
        other = Configuration(
            self.files,
            path,
            unit=folder,
            first=self.first,
            budget=self._budget,
            read=self._read,
        )
        return Value(other.exposed().content, span)

    # What the evaluation of expressions asks.

    conditions = None

    def meaning(self, name: str, word: str) -> None:
        """Say nothing: no condition of Terragrunt is supposed to turn out in any way."""

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:
        """The value of a reference's beginning, and how many steps that beginning has."""
        first = step_word(steps, 0)
        match name:
            case "local" if first is not None:
                return self._local(first), 1
            case "include":
                return self._include(first)
            case "dependency" | "feature" | "values" | "unit" | "stack":
                words = [word for number in range(len(steps)) if (word := step_word(steps, number))]
                reason = (
                    "it is an output of another folder"
                    if name == "dependency"
                    else "it is given where Terragrunt runs"
                )
                return unknown(reason, ".".join((name, *words)), span), len(steps)
            case _:
                raise EvaluationError(f"`{name}` is no name that is known here")

    def _include(self, first: str | None) -> tuple[Value, int]:
        child = self._included_by or self
        for each in child.includes:
            if each.is_exposed and each.label in {"", first}:
                return each.configuration.exposed(), 1 if each.label else 0
        raise EvaluationError(f"nothing is exposed as `include.{first or '…'}`")

    def _local(self, name: str) -> Value:
        attribute = self._locals.get(name)
        if attribute is None:
            raise EvaluationError(f"there is no `local.{name}`")
        return self._once(
            f"local.{name}", lambda: evaluate_or_unknown(attribute.expression, self.scope)
        )

    def _once(self, key: str, compute: Callable[[], Value]) -> Value:
        if key not in self._memory:
            if key in self._busy:
                return unknown("it refers to itself", key)
            self._busy.add(key)
            try:
                self._memory[key] = compute()
            finally:
                self._busy.discard(key)
        return self._memory[key]

    def is_called_from_outside(self, span: Span) -> bool:  # noqa: ARG002
        """Say no: nothing calls a file of Terragrunt as a module."""
        return False

    def covers(self, span: Span) -> bool:  # noqa: ARG002
        """Say yes: every place is one that a person edits."""
        return True

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """The result of a function that reads a file, or of one of Terragrunt's own."""
        if name in TERRAGRUNT_FUNCTIONS:
            return call_terragrunt(self, name, arguments, span)
        return call_file_function(
            name,
            arguments,
            span,
            project=self.project,
            folder=self.path.parent,
            names=self,
        )

    def count_step(self, steps: int = 1) -> None:
        """Count work; raises `TooMuchWorkError`."""
        self._budget.count(steps)


def merged(parent: Value | None, child: Value | None, strategy: str) -> Value | None:
    """Inputs of an included file and of the file that includes it, as one."""
    if parent is None or child is None or strategy == "no_merge":
        return child if parent is None or strategy == "no_merge" else parent
    if not (isinstance(parent.content, Fields) and isinstance(child.content, Fields)):
        missing = unknown_in(parent) or unknown_in(child)
        return child if missing is None else Value(missing, child.span)
    values: dict[str, Value] = dict(parent.content.values)
    for name, value in child.content.values.items():
        before = values.get(name)
        values[name] = (
            value if before is None or strategy == "shallow" else _deeply(before, value, strategy)
        )
    spans: Mapping[str, Span] = {**parent.content.key_spans, **child.content.key_spans}
    return Value(Fields(values=values, key_spans=spans), child.span)


def _deeply(parent: Value, child: Value, strategy: str) -> Value:
    match parent.content, child.content:
        case Fields(), Fields():
            return merged(parent, child, strategy) or child
        case Items(values=first), Items(values=second) if strategy == "deep":
            return Value(Items(values=(*first, *second)), child.span)
        case (UnknownContent() as missing, Fields() | Items()):
            return Value(missing, child.span)
        case _:
            return child
