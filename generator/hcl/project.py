"""The folders of a project: their files found, read and parsed, each at most once."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from generator.disk.checkout import is_left_behind
from generator.disk.places import holds_credentials
from generator.estate.unread_modules import NO_PLAIN_SOURCE
from generator.hcl.files import (
    UnreadableError,
    is_inside,
    joined,
    read_text,
    resolved,
)
from generator.hcl.installed_modules import InstalledModule, installed_modules
from generator.hcl.json_syntax import parse_json_body, parse_json_configuration, parse_json_values
from generator.hcl.looks import look_at
from generator.hcl.module_source import ModuleSource, sorted_out
from generator.hcl.parser import parse_body, parse_template
from generator.hcl.public_modules import Lent, lent_module, remote_source, unknown_inputs
from generator.hcl.settings import Engine, ReadingSettings, is_code, is_override, is_replaced
from generator.hcl.source import SourceText, heredoc_lines
from generator.hcl.syntax import (
    Block,
    Body,
    Expression,
    Literal,
    SyntaxMistake,
    Template,
)
from generator.hcl.values import EvaluationError, NotComputedError
from generator.model.credential_texts import holds_credential
from generator.model.finding import Finding, FindingKind, Severity
from generator.model.span import Span, first_line
from generator.version import version

_ROOT_BLOCK = re.compile(r'^[ \t]*(?:provider|backend)[ \t]+"', re.MULTILINE)
_NOT_LOOKED_AT = "Nothing in this file was looked at, and nothing of its root is called missing."
MOST_FOLDERS = 10_000
LONGEST_VALUES = 100_000
GENERATING = frozenset({"terragrunt.hcl", "root.hcl"})
"""Files by which another program writes more code beside what is there."""
_LOCAL_SOURCE = re.compile(r"\.\.?(?:/|$)")
_MANY_SIGNS = re.compile(r"[$%]{3}")


class Project:
    """The folders of one project, each read at most once, and what could not be read."""

    def __init__(
        self,
        project_root: Path,
        *,
        cache_folder: Path | None = None,
        settings: ReadingSettings | None = None,
        own_modules: str | None = None,
        notes_looks: bool = False,
    ) -> None:
        """`notes_looks` for who keeps what was read, and wants to know when it is another."""
        self.project_root = project_root
        self.settings = settings or ReadingSettings()
        self.problems: list[Finding] = []
        self.listed_folders = 0
        self.notes_looks = notes_looks
        # What was looked at, each with the mark it had before; `None` where no mark stands for it.
        self.looks: dict[Path, str | None] = {}
        self._cache_folder = cache_folder
        # Files that cannot be parsed but hold what makes their folder a root.
        self._broken_roots: set[Path] = set()
        self._own_modules = None if own_modules is None else remote_source(own_modules)
        self._lent: dict[Path, Lent] = {}
        self._lent_sources: dict[tuple[Path, Span], ModuleSource] = {}
        self._sources: dict[Path, ModuleSource | None] = {}
        # The files that the code itself names and reads.
        self._named_by_code: set[Path] = set()
        self._templates: dict[Path, Template | str] = {}
        self._installed: dict[Path, Mapping[str, InstalledModule]] = {}
        self._from_named_files: Mapping[str, Expression] | None = None

    def source(self, folder: Path) -> ModuleSource | None:
        """The folder's code, or `None` where there is none inside the project."""
        key = resolved(folder)
        if key is None:
            return None
        if key not in self._sources:
            self._sources[key] = self._read_folder(folder)
        return self._sources[key]

    def called_folder(self, call: Block, folder: Path, root: Path, name: str) -> Path | str:
        """The folder a module call in `folder` means, or why it cannot be read.

        `name` is the call's full dotted name, under which `terraform init` has noted where it put
        the module.
        """
        written = call.body.attributes.get("source")
        source = written.expression if written is not None else None
        if not isinstance(source, Literal) or not isinstance(source.value, str):
            return NO_PLAIN_SOURCE
        if _LOCAL_SOURCE.match(source.value):
            path = joined(folder, source.value)
        elif (installed := self._installed_modules(root).get(name)) is not None:
            wanted = call.body.attributes.get("version")
            constraint = None if wanted is None else wanted.expression
            if constraint is not None and not (
                isinstance(constraint, Literal) and isinstance(constraint.value, str)
            ):
                return "its version is not plain text"
            version_wanted = None if constraint is None else str(constraint.value)
            if not installed.is_of(source.value, version_wanted):
                return (
                    f"`terraform init` has put another source or version on disk than the call "
                    f"names (`{source.value}`); run it again"
                )
            path = joined(root, installed.folder)
        else:
            return self._lent_folder(call, source.value)
        if not is_inside(path, self.project_root):
            return f"its source `{source.value}` lies outside of the project"
        self.look(path)
        if not path.is_dir():
            return f"its source `{source.value}` is no folder"
        return path

    def _lent_folder(self, call: Block, source: str) -> Path | str:
        """The folder of ours that is read in place of a module's own code, or why there is none."""
        lent = self.lent_source_of(call, source)
        return lent if isinstance(lent, str) else lent.folder

    def lent_source_of(self, call: Block, source: str) -> Lent | str:
        """What is read in place of the code of a source that is not on disk, or why nothing is."""
        lent = lent_module(call, source, own=self._own_modules, running=version())
        if isinstance(lent, str):
            return lent
        inputs = unknown_inputs(call, frozenset(self.lent_source(lent, call).variables))
        if inputs:
            named = ", ".join(f"`{name}`" for name in inputs)
            return (
                f"its source `{source}` is not on disk, and what {named} means to it is not known"
            )
        self._lent[lent.folder] = lent
        return lent

    def lent(self, folder: Path) -> Lent | None:
        """What a folder of ours is, that is read in place of a module's own code."""
        return self._lent.get(folder)

    def lent_source(self, lent: Lent, call: Block) -> ModuleSource:
        """Our code in place of the module's own: everything in it stands where the call stands."""
        place = call.header
        if (lent.folder, place) not in self._lent_sources:
            bodies: list[Body] = []
            for path in sorted(lent.folder.glob("*.tf")):
                text = SourceText(path, read_text(path, lent.folder), whole=place)
                body = parse_body(text, cache_folder=self._cache_folder)
                # Our own code can be parsed, or our tests fail.
                bodies += [body] if isinstance(body, Body) else []
            if lent.since:
                said = ", ".join(f'"{which}" = {str(is_so).lower()}' for which, is_so in lent.since)
                text = SourceText(
                    place.file, f"locals {{\n since = {{ {said} }}\n}}\n", whole=place
                )
                body = parse_body(text, cache_folder=self._cache_folder)
                bodies += [body] if isinstance(body, Body) else []
            source = sorted_out(lent.folder, (), bodies, (), first_file=place)
            source = replace(source, is_whole=False)
            self._lent_sources[lent.folder, place] = source
        return self._lent_sources[lent.folder, place]

    def body(self, path: Path) -> Body | None:
        """The content of a file of another program that is written as code is."""
        return self._parsed(path)

    def written_source(self, folder: Path, text: str, place: Span) -> ModuleSource:
        """What code declares that another program writes; raises `EvaluationError`."""
        lines = heredoc_lines(text, place, self.text(place.file))
        source = SourceText(place.file, text, whole=place, lines=lines)
        parsed = parse_body(source, cache_folder=self._cache_folder)
        if isinstance(parsed, SyntaxMistake):
            raise EvaluationError(f"the code that it writes cannot be parsed: {parsed.message}")
        return sorted_out(folder, (), [parsed], (), first_file=place)

    def file_values(self, path: Path) -> Mapping[str, Expression]:
        """The values of variables in one file of the project."""
        body = self._parsed(path)
        return {} if body is None else {k: each.expression for k, each in body.attributes.items()}

    def variable_values(self, folder: Path) -> Mapping[str, Expression]:
        """The values of a root's variables from files, each file winning over those before it.

        First what Terraform loads by itself (terraform.tfvars, *.auto.tfvars), then the files that
        were named.
        """
        names = ["terraform.tfvars", "terraform.tfvars.json"]
        names += sorted(
            path.name
            for path in _entries(folder)
            if path.name.endswith((".auto.tfvars", ".auto.tfvars.json"))
        )
        values: dict[str, Expression] = {}
        for name in names:
            path = folder / name
            if path.is_file() and (body := self._parsed(path)) is not None:
                values.update({key: entry.expression for key, entry in body.attributes.items()})
        values.update(self._named_values())
        return values

    def _named_values(self) -> Mapping[str, Expression]:
        if self._from_named_files is None:
            values: dict[str, Expression] = {}
            for path in self.settings.variable_files:
                # Whoever names a file wants it read, wherever it lies.
                if (body := self._parsed(path, inside=path.resolve().parent)) is not None:
                    values.update({key: entry.expression for key, entry in body.attributes.items()})
            self._from_named_files = values
        return self._from_named_files

    def is_variable_file(self, path: Path) -> bool:
        """Whether values of variables are read from the file."""
        return (
            path.name.endswith((".tfvars", ".tfvars.json")) or path in self.settings.variable_files
        )

    def variable_text(self, text: str, declared: Block) -> Expression | str:
        """The expression that a value on the command line is, or why it is none."""
        source = SourceText(declared.header.file, f"it = {text}\n", whole=declared.header)
        parsed = parse_body(source, cache_folder=self._cache_folder)
        # The text may hold a secret, so no message repeats any of it.
        if isinstance(parsed, SyntaxMistake) or list(parsed.attributes) != ["it"] or parsed.blocks:
            return "the value given for it is not an expression"
        return parsed.attributes["it"].expression

    def look(self, path: Path) -> None:
        """Note what is at a path before it is read."""
        if self.notes_looks and path not in self.looks:
            self.looks[path] = look_at(path, self.project_root)

    def looks_elsewhere(self, looks: Mapping[Path, str | None]) -> None:
        """Note what another process looked at: no mark stands for what the two saw otherwise."""
        for path, seen in looks.items():
            self.looks[path] = seen if self.looks.get(path, seen) == seen else None

    def text(self, path: Path) -> str:
        """A file's text; raises `UnreadableError`."""
        self.look(path)
        if holds_credentials(path):
            raise UnreadableError("its name says that it holds passwords or keys")
        text = read_text(path, self.project_root)
        # Git ignores what a job writes beside the code, under any name.
        if holds_credential(text):
            raise UnreadableError("a password or key stands in it")
        return text

    def named_text(self, path: Path) -> str:
        """The text of a file that the code itself names; raises `UnreadableError`."""
        if is_left_behind(path):
            # Git may track it in the next run, and the file be the same.
            self.looks[path] = None
            raise UnreadableError("git does not track it, so this job has left it there")
        text = self.text(path)
        self._named_by_code.add(path)
        return text

    def holds_values(self, path: Path) -> bool:
        """Whether values of the code stand in a file: variables, or what the code itself names."""
        return path in self._named_by_code or self.is_variable_file(path)

    def exists(self, path: Path) -> bool:
        """Whether there is such a file; raises `UnreadableError` outside of the project."""
        if not is_inside(path, self.project_root):
            raise UnreadableError("it lies outside of the project")
        self.look(path)
        return path.is_file()

    def template(self, path: Path) -> Template:
        """A template file; raises `UnreadableError`."""
        if path not in self._templates:
            try:
                parsed = parse_template(
                    SourceText(path, self.named_text(path)), cache_folder=self._cache_folder
                )
                self._templates[path] = (
                    parsed.message if isinstance(parsed, SyntaxMistake) else parsed
                )
            except UnreadableError as error:
                self._templates[path] = str(error)
        template = self._templates[path]
        if isinstance(template, str):
            raise UnreadableError(template)
        return template

    def template_text(self, text: str, place: Span) -> Template:
        """A template that is a value of the code; raises `EvaluationError` for one that is none."""
        source = SourceText(place.file, text, whole=place)
        parsed = parse_template(source, cache_folder=self._cache_folder)
        if isinstance(parsed, SyntaxMistake):
            raise EvaluationError("the template cannot be parsed")
        return parsed

    def values_text(self, text: str, place: Span) -> Body:
        """Values of variables that are a value of the code; raises `EvaluationError` for what is none."""
        if len(text) > LONGEST_VALUES or _MANY_SIGNS.search(text):
            # Which of three signs in a row begin a piece, Terraform tells in more ways than one.
            raise NotComputedError("the text is not read")
        parsed = parse_body(SourceText(place.file, text), cache_folder=self._cache_folder)
        if isinstance(parsed, SyntaxMistake):
            raise EvaluationError("the text cannot be parsed as values of variables")
        return parsed

    def entries(self, folder: Path) -> list[Path]:
        """What lies in a folder of the project; raises `UnreadableError`."""
        if not is_inside(folder, self.project_root):
            raise UnreadableError("it lies outside of the project")
        self.look(folder)
        self.listed_folders += 1
        if self.listed_folders > MOST_FOLDERS:
            raise UnreadableError("there are too many folders")
        return _entries(folder)

    def _installed_modules(self, root: Path) -> Mapping[str, InstalledModule]:
        if root not in self._installed:
            try:
                text = self.text(root / ".terraform/modules/modules.json")
            except UnreadableError:
                text = ""
            self._installed[root] = installed_modules(text)
        return self._installed[root]

    def code_files(self, folder: Path) -> list[Path]:
        """The files of a folder that are read as code, by name."""
        self.look(folder)
        engine = self.settings.engine
        paths = [path for path in _entries(folder) if is_code(path.name, engine)]
        names = frozenset(path.name for path in paths)
        return [path for path in paths if not is_replaced(path.name, names, engine)]

    def _read_folder(self, folder: Path) -> ModuleSource | None:
        paths = self.code_files(folder)
        if not paths or not is_inside(folder, self.project_root):
            return None
        ordinary: list[Body] = []
        overrides: list[Body] = []
        for path in paths:
            body = self._parsed(path)
            if body is not None:
                (overrides if is_override(path.name) else ordinary).append(body)
        source = sorted_out(folder, paths, ordinary, overrides, first_file=first_line(paths[0]))
        read = frozenset(paths)
        is_whole = len(ordinary) + len(overrides) == len(paths) and not any(
            path.name in GENERATING or (is_code(path.name, Engine.TOFU) and path not in read)
            for path in _entries(folder)
        )
        source = replace(source, is_whole=is_whole)
        broken = [path for path in paths if path in self._broken_roots]
        return replace(source, has_backend=True) if broken else source

    def _parsed(self, path: Path, *, inside: Path | None = None) -> Body | None:
        """The body of a code or variable file; `inside` is where it must lie, if not the project."""
        try:
            source = SourceText(path, read_text(path, inside or self.project_root))
        except UnreadableError as error:
            self._report_unreadable(path, error)
            return None
        if path.suffix == ".json":
            parse = parse_json_values
            if path.name.endswith((".tf.json", ".tofu.json")):
                parse = parse_json_body
            elif path.name.endswith(".hcl.json"):
                parse = parse_json_configuration
            parsed = parse(source, cache_folder=self._cache_folder)
        else:
            parsed = parse_body(source, cache_folder=self._cache_folder)
        if isinstance(parsed, SyntaxMistake):
            self._report_mistake(parsed)
            if _ROOT_BLOCK.search(source.text):
                self._broken_roots.add(path)
            return None
        return parsed

    def _report_unreadable(self, path: Path, error: UnreadableError) -> None:
        place = first_line(path)
        if error.line is not None:
            place = replace(place, line=error.line, end_line=error.line)
        self._report(f"cannot be read: {error}", place, f"{error.fix}, and run again.")

    def _report_mistake(self, mistake: SyntaxMistake) -> None:
        self._report(
            f"cannot be parsed: {mistake.message}",
            mistake.span,
            "Correct the file (`terraform validate` in its folder shows Terraform's own message) and run "
            "again.",
        )

    def _report(self, what: str, place: Span, remedy: str) -> None:
        title = f"{place.file.name} {what}"
        self.problems.append(
            Finding(
                kind=FindingKind.ERROR,
                rule="unreadable-file",
                severity=Severity.HIGH,
                title=title,
                # The same text again is left out where both are shown.
                message=f"{title}. {_NOT_LOOKED_AT} {remedy}",
                subject=self._shown(place.file),
                location=place,
            )
        )

    def _shown(self, path: Path) -> str:
        if path.is_relative_to(self.project_root):
            path = path.relative_to(self.project_root)
        return path.as_posix()


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
