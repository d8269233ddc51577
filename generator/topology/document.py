"""Reads YAML text as a tree of nodes: raw text and exact places, no guessing of types."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from generator.disk.checkout import is_left_behind
from generator.disk.places import holds_credentials, leads_out
from generator.disk.project import project_root
from generator.disk.reading import read_file
from generator.frozen_data import frozen
from generator.model.errors import ToolError
from generator.model.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from yaml.events import AliasEvent, CollectionStartEvent, Event, ScalarEvent

MAX_BYTES = 4 * 1024 * 1024
"""The largest file that is read."""

MAX_NODES = 300_000
"""The most values of one file, aliases counted as often as they are used."""

MAX_DEPTH = 50
"""The deepest nesting; a topology needs nine levels."""

_NOTHING_EDITED: Mapping[Path, bytes] = MappingProxyType({})


@frozen
class AliasUse:
    """Where an anchored value is used again: the alias's name and place, and the anchor's place."""

    name: str
    span: Span
    anchor: Span


@frozen
class Scalar:
    """A single text; `is_plain` means written without quotes, `tag` is an explicit YAML tag."""

    text: str
    is_plain: bool
    span: Span
    tag: str | None = None
    use: AliasUse | None = None

    @property
    def is_empty(self) -> bool:
        """Whether the value was left out, or is one of YAML's words for nothing."""
        return self.is_plain and self.text in {"", "~", "null", "Null", "NULL"}


@frozen
class Listing:
    """A list of nodes."""

    items: "tuple[Node, ...]"
    span: Span
    tag: str | None = None
    use: AliasUse | None = None


@frozen
class Table:
    """A mapping as it is written: in order, duplicate keys included."""

    entries: "tuple[tuple[Node, Node], ...]"
    span: Span
    tag: str | None = None
    use: AliasUse | None = None


Node: TypeAlias = Scalar | Listing | Table


@frozen
class Document:
    """The nodes of one file; `root` is `None` for a file without content.

    `second` is the place where a second document begins, which no topology may have.
    """

    file: Path
    root: Node | None
    second: Span | None


_NEAR = 3
"""Folders above that are looked into, also where no checkout says how far a project goes."""


def _next_step(file: Path) -> str:
    """Where the topology may be instead, or how to begin one."""
    other = file.with_suffix(".yml" if file.suffix == ".yaml" else ".yaml")
    if other.is_file():
        return (
            f"There is a file `{_printable(other)}`: name it with `--topology {_printable(other)}`."
        )
    if file.is_absolute() or len(file.parts) > 1:
        return "Name the topology with `--topology`."
    here = Path.cwd()
    project = project_root(here, None)
    for depth, folder in enumerate(here.parents, 1):
        if depth > _NEAR and not folder.is_relative_to(project):
            break
        if (folder / file).is_file():
            above = _printable(Path(*[".."] * depth) / file)
            return f"There is one above: name it with `--topology {above}`."
    return "Name the topology with `--topology`, or begin one with `forebay init`."


def read_document(file: Path, edited: Mapping[Path, bytes] = _NOTHING_EDITED) -> Document:
    """Read one YAML file; raises `ToolError` when it cannot be read or is not YAML.

    What is `edited` is read as that, instead of what the file holds.
    """
    if file in edited:
        return parse_document(_decode(edited[file], file), file)
    return parse_document(_decode(content_of(file), file), file)


def content_of(file: Path) -> bytes:
    """What a file of the topology holds; raises `ToolError` when it cannot or must not be read."""
    if leads_out(file):
        raise ToolError(
            "the topology cannot be read",
            f"{_printable(file)} is, or lies below, a link that leads out of the project, and nothing "
            "outside of it is read. Put the file itself there.",
            place=file,
        )
    if file.is_symlink() and (holds_credentials(file) or is_left_behind(file)):
        raise ToolError(
            "the topology cannot be read",
            f"{_printable(file)} is a link to a file of credentials, or to one that git does not track. "
            "Put the file itself there.",
            place=file,
        )
    try:
        content = read_file(file, limit=MAX_BYTES)
    except FileNotFoundError as error:
        raise ToolError(
            "there is no topology",
            f"{_printable(file)}: there is no such file. {_next_step(file)}",
        ) from error
    except IsADirectoryError as error:
        raise ToolError(
            "the topology cannot be read",
            f"{_printable(file)} is a folder. Name the file in it, such as "
            f"`--topology {_printable(file / 'topology.yaml')}`.",
            place=file,
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ToolError(
            "the topology cannot be read", f"{_printable(file)}: {reason}.", place=file
        ) from error
    if len(content) > MAX_BYTES:
        raise ToolError(
            "the topology is too large",
            f"{_printable(file)} has more than {MAX_BYTES} bytes, which is the most that is read.",
            place=file,
        )
    return content


def parse_document(text: str, file: Path) -> Document:
    """Parse YAML text that was read from `file`; raises `ToolError` when it is not YAML."""
    import yaml

    # YAML 1.1 takes these three for line ends; editors do not, and lines would be counted wrong.
    text = re.sub("[\x85\u2028\u2029]", " ", text)
    if unreadable := _UNREADABLE.search(text):
        raise _not_yaml(
            file, text, *_position(text, unreadable.start()), "a control character is not allowed"
        )
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Composer(file=file, text=text).compose(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        context, begin = error.context, error.context_mark
        if context and begin and begin.line + 1 < line:
            context += f" that begins on line {begin.line + 1}, column {begin.column + 1}"
        problem = error.problem or "it cannot be parsed"
        raise _not_yaml(file, text, line, column, problem, context) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise _not_yaml(file, text, 1, 1, str(error)) from error


@dataclass(slots=True, kw_only=True)
class _Frame:
    """A list or mapping whose end has not been seen."""

    is_table: bool
    start: Span
    is_flow: bool
    anchor: str | None
    tag: str | None
    children: list[Node] = field(default_factory=list)


class _Composer:
    """Builds nodes from parser events, without recursion; aliases become copies with their use."""

    def __init__(self, *, file: Path, text: str) -> None:
        self.file = file
        self.text = text
        self.frames: list[_Frame] = []
        self.anchors: dict[str, tuple[Node, int, int]] = {}
        self.count = 0
        self.root: Node | None = None

    def compose(self, events: "Iterator[Event]") -> Document:
        import yaml

        second: Span | None = None
        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                self.anchors.clear()
                if documents == 2:
                    second = self._span(event)
            elif documents > 1:
                continue
            elif isinstance(event, yaml.AliasEvent):
                self._add(self._alias(event), None)
            elif isinstance(event, yaml.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                self._open(event, is_table=isinstance(event, yaml.MappingStartEvent))
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                self._close(event)
        if isinstance(self.root, Scalar) and self.root.is_empty and not self.root.text:
            self.root = None
        return Document(file=self.file, root=self.root, second=second)

    def _scalar(self, event: "ScalarEvent") -> None:
        span = self._span(event)
        text = event.value
        if _SURROGATE.search(text):
            raise self._not_yaml(span, "an escape stands for half a character")
        node = Scalar(
            text=text,
            is_plain=event.style in {None, ""},
            span=span,
            tag=event.tag,
        )
        self._add(node, event.anchor)

    def _open(self, event: "CollectionStartEvent", *, is_table: bool) -> None:
        span = self._span(event)
        self._descend(1, span)
        self.frames.append(
            _Frame(
                is_table=is_table,
                start=span,
                is_flow=bool(event.flow_style),
                anchor=event.anchor,
                tag=event.tag,
            )
        )
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)

    def _close(self, event: "Event") -> None:
        frame = self.frames.pop()
        children = frame.children
        # The parser ends a block where the next thing begins, which may be lines below.
        last = self._span(event)
        if children and not frame.is_flow:
            use = children[-1].use
            last = children[-1].span if use is None else use.span
        span = replace(frame.start, end_line=last.end_line, end_column=last.end_column)
        node: Node
        if frame.is_table:
            pairs = tuple(zip(children[::2], children[1::2], strict=True))
            node = Table(entries=pairs, span=span, tag=frame.tag)
        else:
            node = Listing(items=tuple(children), span=span, tag=frame.tag)
        self._add(node, frame.anchor)

    def _alias(self, event: "AliasEvent") -> Node:
        name, span = event.anchor, self._span(event)
        if any(frame.anchor == name for frame in self.frames):
            raise self._not_yaml(span, f"the anchor `&{name}` contains itself")
        if name not in self.anchors:
            raise self._not_yaml(span, f"there is no anchor `&{name}` above this alias")
        target, size, depth = self.anchors[name]
        self._grow(size, span)
        self._descend(depth, span)
        return _used(target, AliasUse(name=name, span=span, anchor=target.span))

    def _add(self, node: Node, anchor: str | None) -> None:
        self._grow(1, node.span)
        if anchor is not None:
            self.anchors[anchor] = (node, *_measure(node))
        if self.frames:
            self.frames[-1].children.append(node)
        else:
            self.root = node

    def _grow(self, size: int, span: Span) -> None:
        self.count += size
        if self.count > MAX_NODES:
            raise ToolError(
                "the topology is too large",
                f"{_where(span)}: more than {MAX_NODES} values, counting an anchor each time it is "
                "used.",
            )

    def _descend(self, levels: int, span: Span) -> None:
        if len(self.frames) + levels > MAX_DEPTH:
            raise ToolError(
                "the topology is nested too deeply",
                f"{_where(span)}: more than {MAX_DEPTH} levels of nesting.",
            )

    def _not_yaml(self, span: Span, problem: str) -> ToolError:
        return _not_yaml(self.file, self.text, span.line, span.column, problem)

    def _span(self, event: "Event") -> Span:
        start, end = event.start_mark, event.end_mark
        assert start is not None and end is not None  # noqa: S101, PT018 - parsers give both
        # A value that was left out has no width, and nobody could point at it.
        width = 0 if (start.line, start.column) < (end.line, end.column) else 1
        return Span(
            file=self.file,
            line=start.line + 1,
            column=start.column + 1,
            end_line=end.line + 1,
            end_column=end.column + 1 + width,
        )


def _where(span: Span) -> str:
    return f"{_printable(span.file)}:{span.line}:{span.column}"


def _used(node: Node, use: AliasUse) -> Node:
    """A copy of an anchored node in which every part knows where it is used."""
    match node:
        case Scalar():
            return replace(node, use=use)
        case Listing():
            return replace(node, use=use, items=tuple(_used(item, use) for item in node.items))
        case Table():
            pairs = tuple((_used(key, use), _used(value, use)) for key, value in node.entries)
            return replace(node, use=use, entries=pairs)


def _measure(node: Node) -> tuple[int, int]:
    """How many nodes there are in a node, and how many levels."""
    if isinstance(node, Scalar):
        return 1, 0
    children: tuple[Node, ...]
    if isinstance(node, Listing):
        children = node.items
    else:
        children = tuple(child for entry in node.entries for child in entry)
    measures = [_measure(child) for child in children]
    size = 1 + sum(size for size, _ in measures)
    return size, 1 + max((depth for _, depth in measures), default=0)


_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_STAR = re.compile(r"(?:^|[\s\[{,])(\*[^\s,\]}]*)")
_PLACEHOLDER = re.compile(r"\{(?:region|partition|account|account_id)\}")


def _decode(content: bytes, file: Path) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8-sig", errors="replace")
        line, column = _position(before, len(before))
        raise ToolError(
            "the topology is not valid YAML",
            f"{_printable(file)}:{line}:{column}: the file is not UTF-8 text. Save it as UTF-8.",
        ) from error
    return text


def _position(text: str, offset: int) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1


def _not_yaml(
    file: Path, text: str, line: int, column: int, problem: str, context: str | None = None
) -> ToolError:
    lines = text.split("\n")
    marker = next((at for at, one in enumerate(lines, 1) if one.startswith("<<<<<<< ")), None)
    if marker is not None:
        return ToolError(
            "the topology is not valid YAML",
            f"{_printable(file)}:{marker}:1: git left a conflict here. Choose what is meant, take the lines "
            "with `<<<<<<<`, `=======` and `>>>>>>>` out, and run `forebay generate`: it writes the "
            "code of both sides anew.",
        )
    source = lines[line - 1].rstrip("\r") if line <= len(lines) else ""
    detail = f"{_printable(file)}:{line}:{column}: {problem}"
    detail += f" ({context})." if context else "."
    if hint := _hint(source, column, problem, context):
        detail += f" {hint}"
    # An excerpt of a very long line says nothing and floods the terminal.
    if source.strip() and len(source) <= 200:
        detail += f"\n\n    {source.expandtabs(1)}\n    {' ' * (column - 1)}^"
    return ToolError("the topology is not valid YAML", detail)


def _hint(source: str, column: int, problem: str, context: str | None) -> str:
    star = _STAR.search(source)
    if star and (
        (context or "").startswith("while scanning an alias")
        or "anchor" in problem
        or "expected" in problem
    ):
        return (
            "A value that starts with `*` is an alias in YAML: put it in quotes, "
            f'like `"{star[1]}"`.'
        )
    # The parser stops before the braces or right behind them.
    for placeholder in _PLACEHOLDER.finditer(source):
        if placeholder.end() >= column - 1:
            return (
                f"`{placeholder[0]}` opens a mapping in YAML here: put the whole value in quotes, "
                f'like `"…{placeholder[0]}…"`.'
            )
    if "cannot start any token" in problem and "\t" in source[: len(source) - len(source.lstrip())]:
        return "YAML indents with spaces, never with tabs."
    return ""


def _printable(file: Path) -> str:
    return str(file).encode("utf-8", "replace").decode("utf-8")
