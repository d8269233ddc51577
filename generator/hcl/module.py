"""A module with its inputs: names resolved lazily, each at most once, cycles noticed."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from generator.frozen_data import frozen
from generator.hcl.budget import Budget
from generator.hcl.conditions import Conditions
from generator.hcl.early_sources import with_plain_source
from generator.hcl.evaluation import evaluate
from generator.hcl.file_functions import call_file_function
from generator.hcl.given_values import GivenValues
from generator.hcl.inputs import GivenByCall, Inputs
from generator.hcl.instance_keys import (
    InstanceKey,
    expanded,
    index_text,
)
from generator.hcl.instance_values import together
from generator.hcl.instances import Instance
from generator.hcl.module_source import BlockKey, ModuleSource
from generator.hcl.path_words import path_word
from generator.hcl.project import Project
from generator.hcl.providers import (
    DEFAULT_PROVIDER,
    Provider,
    ProviderReference,
    RootPlace,
    configured_provider,
    has_settings,
    passed_provider,
    provider_of_root,
    unknown_provider,
)
from generator.hcl.public_modules import Lent, makes_only_roles
from generator.hcl.scope import Scope
from generator.hcl.steps import open_steps, step_word
from generator.hcl.switched_off import made_otherwise
from generator.hcl.syntax import Block, Expression, Step
from generator.hcl.values import (
    Deferred,
    EvaluationError,
    NotComputedError,
    RefusedError,
    UnknownContent,
    Value,
    unknown,
)
from generator.hcl.variables import (
    ephemeral_variable,
    sensitive_value,
    variable_value,
)
from generator.model.estate import Unknown
from generator.model.span import Span

if TYPE_CHECKING:
    from pathlib import Path


DEEPEST_MODULES = 20


@frozen
class ModuleCall:
    """The call that made a module instance."""

    parent: "Module"
    block: Block
    scope: Scope
    key: InstanceKey

    @property
    def address(self) -> str:
        """How Terraform prints the module that it made."""
        return f"{self.parent.prefix}module.{self.block.labels[0]}{index_text(self.key)}"

    @property
    def dotted_name(self) -> str:
        """The names of the calls that lead here, as `terraform init` notes them."""
        before = self.parent.dotted_name
        return f"{before}.{self.block.labels[0]}" if before else self.block.labels[0]


@frozen
class UnreadCall:
    """A module call whose code was not looked at, and why."""

    module: "Module"
    block: Block
    reason: str
    makes_only_roles: bool = False


@frozen
class LentCall:
    """A module call in place of whose code a folder of ours was read."""

    module: "Module"
    block: Block
    lent: Lent


class Module:
    """One instance of a module: the root, or what a call made."""

    def __init__(
        self,
        project: Project,
        source: ModuleSource,
        *,
        budget: Budget,
        place: RootPlace,
        call: ModuleCall | None = None,
        without_defaults: bool = False,
        switches: "Module | None" = None,
        given: GivenValues | None = None,
        conditions: Conditions | None = None,
    ) -> None:
        self.project = project
        self.source = source
        self.call = call
        self.root: Module = self if call is None else call.parent.root
        self.unread: list[UnreadCall] = []
        self.lent: list[LentCall] = []
        # What each call that was looked at calls, whether it makes any of it or not.
        self.called_sources: dict[str, ModuleSource] = {}
        self._budget = budget
        self.conditions = conditions
        # Without defaults, nothing is known of a root's variables that nobody gives. `switches` is the
        # same module without them: what is there only by a default is open here.
        self._without_defaults = without_defaults
        self._switches = switches
        self._place = place
        self._handed = given
        self._memory: dict[tuple[str, ...], Value | EvaluationError] = {}
        self._busy: set[tuple[str, ...]] = set()
        self._instances: dict[tuple[str, ...], list[tuple[InstanceKey, Scope]]] = {}
        self._children: dict[str, list[Module] | str] = {}
        self._providers: dict[ProviderReference, Provider] = {}
        self._parent_files: frozenset[Path] = (
            call.parent.known_files
            if call is not None
            else frozenset()
            if given is None
            else given.files
        )
        self.known_files: frozenset[Path] = self._parent_files | source.files
        self.scope = Scope(names=self, local={})
        given_by = (
            None
            if call is None
            else GivenByCall(arguments=call.block.body.attributes, scope=call.scope)
        )
        self._inputs = Inputs(project, source, handed=given, scope=self.scope, call=given_by)
        self.address = "" if call is None else call.address

    @property
    def prefix(self) -> str:
        """What stands before a resource's address: nothing in a root, else the module's and a dot."""
        return f"{self.address}." if self.address else ""

    @property
    def dotted_name(self) -> str:
        """The names of the calls that lead here, as `terraform init` notes them."""
        return "" if self.call is None else self.call.dotted_name

    @property
    def keys(self) -> "list[InstanceKey]":
        """The keys of the calls that lead here, the last one first."""
        return [] if self.call is None else [self.call.key, *self.call.parent.keys]

    def count_step(self, steps: int = 1) -> None:
        """Count work; raises `TooMuchWorkError`."""
        self._budget.count(steps)

    def is_called_from_outside(self, span: Span) -> bool:
        """Whether the place lies in the files of a caller, and not in this module's own."""
        return span.file in self._parent_files and span.file not in self.source.files

    @property
    def is_lent(self) -> bool:
        """Whether other code stands in for the module's own, which is not on disk."""
        return self.project.lent(self.source.folder) is not None

    def covers(self, span: Span) -> bool:
        """Whether the place lies in this module's files, its variable files or a caller's.

        The head of a call stands for all of a module that is not on disk, where nobody changes anything.
        """
        if any(span == each.block.header for each in self.lent):
            return False
        return span.file in self.known_files or self.project.holds_values(span.file)

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:
        """The value of a reference's beginning, and how many steps that beginning has."""
        first = step_word(steps, 0)
        match name:
            case "var" | "local" | "module" | "path" if first is None:
                raise EvaluationError(f"`{name}` needs a name behind it")
            case "var" if first is not None:
                return self.variable(first), 1
            case "local" if first is not None:
                return self.once(("local", first), lambda: self._local(first)), 1
            case "module" if first is not None:
                return self.once(("module", first), lambda: self._called(first)), 1
            case "path" if first is not None:
                return path_word(
                    first, span, module=self.source.folder, root=self.root.source.folder
                ), 1
            case "data" | "ephemeral":
                second = step_word(steps, 1)
                if first is None or second is None:
                    raise EvaluationError(f"`{name}` needs a type and a name behind it")
                return self._resource((name, first, second)), 2
            case "terraform" if first == "workspace" and self.project.settings.workspace:
                return Value(self.project.settings.workspace, span), 1
            case "terraform":
                reason = "which workspace is selected is not written in the code"
                return unknown(reason, f"terraform.{first or '…'}", span), min(len(steps), 1)
            case "each" | "count" | "self":
                raise EvaluationError(f"`{name}` has no meaning here")
            case _:
                if first is None:
                    raise EvaluationError(f"`{name}` is no name that is known here")
                return self._resource(("resource", name, first)), 1

    def meaning(self, name: str, word: str) -> tuple[Expression, Scope] | None:
        """The expression that `local.…`, or `var.…` of a called module, stands for, and its place."""
        if name == "local":
            attribute = self.source.locals.get(word)
            return None if attribute is None else (attribute.expression, self.scope)
        if name != "var" or self.call is None:
            return None
        given = self.call.block.body.attributes.get(word)
        return None if given is None else (given.expression, self.call.scope)

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """The result of a function that reads a file of the project."""
        return call_file_function(
            name,
            arguments,
            span,
            project=self.project,
            folder=self.root.source.folder,
            names=self,
        )

    def once(self, key: tuple[str, ...], compute: Callable[[], Value]) -> Value:
        """The value under a key, computed at the first call; raises what computing it raised."""
        if key not in self._memory:
            if key in self._busy:
                return unknown("it refers to itself", ".".join(key))
            self._busy.add(key)
            try:
                # What is worked out once is no part of the expression that asks first.
                with open_steps():
                    self._memory[key] = compute()
            except EvaluationError as error:
                self._memory[key] = error
            finally:
                self._busy.discard(key)
        found = self._memory[key]
        if isinstance(found, EvaluationError):
            raise type(found)(str(found))
        return found

    def variable(self, name: str) -> Value:
        """The value of a variable."""
        return self.once(("var", name), lambda: self._variable(name))

    def _variable(self, name: str) -> Value:
        block = self.source.variables.get(name)
        if block is None:
            return self._undeclared(f"var.{name}")
        if (ephemeral := ephemeral_variable(name, block)) is not None:
            return ephemeral
        if (sensitive := sensitive_value(block, f"var.{name}")) is not None:
            return sensitive
        given = self._inputs.given(name)
        if self._without_defaults and given is None and "default" in block.body.attributes:
            return unknown("another value than its default can be given", f"var.{name}")
        return variable_value(name, block, given, self.scope)

    @property
    def refuses_a_local(self) -> bool:
        """Whether Terraform refuses a local that was asked for, whatever `try` makes of it."""
        return any(
            key[0] == "local" and isinstance(value, RefusedError)
            for key, value in self._memory.items()
        )

    def is_given(self, name: str) -> bool:
        """Whether somebody gives a value to a variable."""
        return self._inputs.given(name) is not None

    def again(
        self,
        *,
        budget: Budget,
        without_defaults: bool = False,
        switches: "Module | None" = None,
        conditions: Conditions | None = None,
    ) -> "Module":
        """The same root once more, read in another way."""
        return Module(
            self.project,
            self.source,
            budget=budget,
            place=self._place,
            without_defaults=without_defaults,
            switches=switches,
            given=self._handed,
            conditions=conditions,
        )

    def _undeclared(self, reference: str) -> Value:
        """What names something that no file of the module declares, if all of them were read."""
        if self.is_lent:
            # Our stand-ins name so what the module works out from more than its inputs.
            return unknown("the module builds it, and its code is not on disk", self.address)
        return Value(
            UnknownContent(
                reason="it is not declared in the files that were read",
                reference=reference,
                is_refused=self.source.is_whole,
            )
        )

    def _local(self, name: str) -> Value:
        attribute = self.source.locals.get(name)
        if self._handed is not None and name in self._handed.locals:
            return Value(self._handed.locals[name])
        if attribute is None:
            return self._undeclared(f"local.{name}")
        return evaluate(attribute.expression, self.scope)

    def _resource(self, key: BlockKey) -> Value:
        mode, kind, name = key
        reference = f"{kind}.{name}" if mode == "resource" else f"{mode}.{kind}.{name}"
        block = self.source.resources.get(key)
        if block is None:
            return self._undeclared(reference)
        if mode == "ephemeral":
            return Value(
                UnknownContent(reason="it is ephemeral", reference=reference, is_ephemeral=True)
            )
        return self.once(("resource", *key), lambda: self._resource_value(key, block, reference))

    def _resource_value(self, key: BlockKey, block: Block, reference: str) -> Value:
        instances = list(self.block_instances(key, block))
        values = [
            Value(Deferred(reference=instance.address, read=instance.read))
            for instance in instances
        ]
        return together([each.key for each in instances], values, block, reference)

    def _called(self, name: str) -> Value:
        block = self.source.calls.get(name)
        reference = f"module.{name}"
        if block is None:
            return self._undeclared(reference)
        children = self.children(name)
        if isinstance(children, str):
            return unknown(children, reference)
        keys = [child.call.key for child in children if child.call is not None]
        values = [
            Value(
                Deferred(
                    reference=child.address,
                    read=child.output,
                    names=tuple(sorted(child.source.outputs)),
                )
            )
            for child in children
        ]
        return together(keys, values, block, reference)

    def output(self, name: str) -> Value:
        """The value of an output, as the caller sees it."""
        block = self.source.outputs.get(name)
        value = None if block is None else block.body.attributes.get("value")
        if block is None or value is None:
            raise NotComputedError(f"{self.address} has no output `{name}`")
        if (sensitive := sensitive_value(block, f"{self.address}.{name}")) is not None:
            return sensitive
        expression = value.expression
        return self.once(("output", name), lambda: evaluate(expression, self.scope))

    def block_instances(self, key: BlockKey, block: Block) -> Iterator[Instance]:
        """The instances of a resource or data block."""
        mode, kind, name = key
        base = f"{self.prefix}{'' if mode == 'resource' else mode + '.'}{kind}.{name}"
        for instance_key, scope in self.instances(("block", *key), block):
            yield Instance(
                module=self,
                block_key=key,
                block=block,
                key=instance_key,
                scope=scope,
                address=base + index_text(instance_key),
            )

    def instances(
        self, memory_key: tuple[str, ...], block: Block
    ) -> list[tuple[InstanceKey, Scope]]:
        """Keys and scopes of a block with `for_each` or `count`.

        An unknown collection makes one instance with an unknown key, so that it is not forgotten.
        """
        if memory_key not in self._instances:
            if memory_key in self._busy:
                content = UnknownContent(reason="it refers to itself", reference="for_each")
                return [(content, self.scope)]
            self._busy.add(memory_key)
            try:
                self._instances[memory_key] = expanded(block, self.scope) or self._off(
                    memory_key, block
                )
            finally:
                self._busy.discard(memory_key)
        return self._instances[memory_key]

    def _off(self, memory_key: tuple[str, ...], block: Block) -> list[tuple[InstanceKey, Scope]]:
        found = [] if self._switches is None else self._switches.instances(memory_key, block)
        return made_otherwise(block, found, self)

    def _switches_of(self, name: str, number: int) -> "Module | None":
        found = None if self._switches is None else self._switches.children(name)
        if found is None or isinstance(found, str) or not found:
            return None
        return found[min(number, len(found) - 1)]

    def children(self, name: str) -> "list[Module] | str":
        """The instances that a call makes, or why its code was not read."""
        if name not in self._children:
            block = self.source.calls[name]
            made = self._make_children(name, block)
            if isinstance(made, str):
                call = UnreadCall(
                    module=self,
                    block=block,
                    reason=made,
                    makes_only_roles=makes_only_roles(block),
                )
                self.unread.append(call)
            self._children[name] = made
        return self._children[name]

    def _make_children(self, name: str, block: Block) -> "list[Module] | str":
        block = with_plain_source(block, self.scope, self.project)
        dotted = f"{self.dotted_name}.{name}" if self.call is not None else name
        folder = self.project.called_folder(
            block, self.source.folder, self.root.source.folder, dotted
        )
        if isinstance(folder, str):
            return folder
        lent = self.project.lent(folder)
        source = (
            self.project.source(folder) if lent is None else self.project.lent_source(lent, block)
        )
        if source is None:
            return "there is no Terraform code in its folder"
        self.called_sources[name] = source
        depth, ancestor = 0, self
        while True:
            if ancestor.source.folder == source.folder:
                return "it calls itself"
            if ancestor.call is None:
                break
            ancestor, depth = ancestor.call.parent, depth + 1
        if depth >= DEEPEST_MODULES:
            return "modules are nested too deeply"
        if lent is not None:
            self.lent.append(LentCall(module=self, block=block, lent=lent))
        instances = self.instances(("call", name), block)
        if not self._budget.allows_modules(len(instances)):
            return "there are too many modules"
        return [
            Module(
                self.project,
                source,
                budget=self._budget,
                place=self._place,
                call=ModuleCall(parent=self, block=block, scope=scope, key=key),
                switches=self._switches_of(name, number),
                conditions=self.conditions,
            )
            for number, (key, scope) in enumerate(instances)
        ]

    def all_instances(self) -> Iterator[Instance]:
        """Every instance of a resource or data block, in this module and those it calls."""
        for key, block in self.source.resources.items():
            if key[0] != "ephemeral":
                yield from self.block_instances(key, block)
        for name in self.source.calls:
            children = self.children(name)
            if not isinstance(children, str):
                for child in children:
                    yield from child.all_instances()

    def all_modules(self) -> "Iterator[Module]":
        """This module and all that it leads to; complete after `all_instances`."""
        yield self
        for children in self._children.values():
            if not isinstance(children, str):
                for child in children:
                    yield from child.all_modules()

    def provider(self, reference: ProviderReference) -> Provider:
        """The provider that a reference (`aws`, `aws.eu`) means here."""
        if reference not in self._providers:
            self._providers[reference] = unknown_provider(
                "its provider refers to itself", reference
            )
            self._providers[reference] = self._find_provider(reference)
        return self._providers[reference]

    def _find_provider(self, reference: ProviderReference) -> Provider:
        block = self.source.providers.get(reference.name)
        default = self.source.providers.get(str(DEFAULT_PROVIDER))
        if self.call is None:
            return provider_of_root(reference, block, self.scope, self._place, default)
        passed = passed_provider(self.call.block, reference, self.call.scope)
        if isinstance(passed, Unknown):
            return Provider(account=passed, region=passed)
        if passed is not None:
            return self.call.parent.provider(passed)
        # Old modules declare what they are given by a block without any settings.
        if block is not None and has_settings(block):
            return configured_provider(reference, block, self.scope, self._place, default)
        if "." not in reference.name:
            return self.call.parent.provider(reference)
        return unknown_provider("the module call passes no such provider", reference)
