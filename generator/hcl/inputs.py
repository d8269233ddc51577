"""What is given to a module's variables, and by whom."""

from collections.abc import Mapping

from generator.frozen_data import frozen
from generator.hcl.evaluation import evaluate
from generator.hcl.given_values import GivenValues
from generator.hcl.module_source import ModuleSource
from generator.hcl.project import Project
from generator.hcl.scope import Scope
from generator.hcl.syntax import Attribute, Expression
from generator.hcl.values import Value
from generator.hcl.variables import command_line_value


@frozen
class GivenByCall:
    """The arguments of a module call, and what names mean where it stands."""

    arguments: Mapping[str, Attribute]
    scope: Scope


class Inputs:
    """Values of a module's variables: by its call, or for a root, by the command line, files and others."""

    def __init__(
        self,
        project: Project,
        source: ModuleSource,
        *,
        handed: GivenValues | None,
        scope: Scope,
        call: GivenByCall | None,
    ) -> None:
        """`handed` is what another program hands to a root."""
        self._project = project
        self._source = source
        self._handed = handed
        self._scope = scope
        self._call = call
        self._from_files: Mapping[str, Expression] | None = None

    def given(self, name: str) -> Value | None:
        """What somebody gives to a variable; `None` where nobody does."""
        if self._call is not None:
            attribute = self._call.arguments.get(name)
            if attribute is None:
                return None
            return evaluate(attribute.expression, self._call.scope)
        text = self._project.settings.variables.get(name)
        if text is not None:
            declared = self._source.variables[name]
            return command_line_value(text, declared, self._project, self._scope)
        if self._from_files is None:
            self._from_files = self._file_values()
        expression = self._from_files.get(name)
        if expression is not None:
            return evaluate(expression, self._scope)
        if self._handed is None:
            return None
        # Whoever runs Terraform hands values over by the environment, which every file wins over.
        rest = self._handed.rest
        return self._handed.values.get(name, None if rest is None else Value(rest))

    def _file_values(self) -> Mapping[str, Expression]:
        if self._handed is None:
            return self._project.variable_values(self._source.folder)
        values: dict[str, Expression] = {}
        for folder in self._handed.folders:
            values.update(self._project.variable_values(folder))
        for path in self._handed.variable_files:
            values.update(self._project.file_values(path))
        return values
