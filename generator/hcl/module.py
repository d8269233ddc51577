"""A module with its inputs: names resolved lazily, each at most once, cycles noticed."""

import base64
import hashlib
import json
import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from generator.hcl.bodies import blocks_value, nested_types
from generator.hcl.conversions import as_integer, as_text, text_of
from generator.hcl.evaluate import evaluate, evaluate_or_unknown, template_pieces
from generator.hcl.files import UnreadableError, joined
from generator.hcl.folder import BlockKey, ModuleSource, Project
from generator.hcl.policy_document import policy_document
from generator.hcl.providers import (
    DEFAULT_PROVIDER,
    Provider,
    ProviderReference,
    configured_provider,
    has_settings,
    missing,
    passed_provider,
    provider_reference,
    region_of,
    unknown_provider,
)
from generator.hcl.public_modules import Lent
from generator.hcl.scope import Scope, TooMuchWorkError
from generator.hcl.syntax import (
    Attribute,
    AttributeStep,
    Block,
    Expression,
    IndexStep,
    Literal,
    Name,
    Step,
)
from generator.hcl.types import convert
from generator.hcl.values import (
    Deferred,
    EvaluationError,
    Fields,
    Items,
    NotComputedError,
    Origin,
    UnknownContent,
    Value,
    first_unknown,
    is_small,
    unknown,
    unknown_in,
)
from generator.model.estate import Unknown, caller_of
from generator.model.span import Span
from generator.model.values import AccountId, Region, key_of_alias

MOST_STEPS = 1_000_000
MOST_INSTANCES = 10_000
MOST_MODULES = 5_000
DEEPEST_MODULES = 20

InstanceKey: TypeAlias = str | int | UnknownContent | None
"""The key of `for_each` or `count`, `None` without them, unknown when they are."""

# Computed attributes that repeat an argument.
_SAME_AS_ARGUMENT: Mapping[tuple[str, str], str] = {
    ("aws_iam_role", "id"): "name",
    ("aws_iam_instance_profile", "id"): "name",
    ("aws_ecr_repository", "id"): "name",
    ("aws_ecr_pull_through_cache_rule", "id"): "ecr_repository_prefix",
    ("aws_ecr_repository_creation_template", "id"): "prefix",
    ("aws_ecr_account_setting", "id"): "name",
    ("terraform_data", "output"): "input",
}
# Computed attributes that are another word for the ARN.
_SAME_AS_ARN = frozenset(
    {("aws_iam_policy", "id"), ("aws_secretsmanager_secret", "id"), ("aws_kms_key", "key_arn")}
)
_TYPES_OF_PLAIN_TEXT = frozenset({"string", "number", "bool"})
_AFTER_APPLY = "it is known only after apply"


class Budget:
    """Counts the steps of one reading, so that code made to run for ever ends."""

    def __init__(self, steps: int = MOST_STEPS, modules: int = MOST_MODULES) -> None:
        self._left = steps
        self._modules_left = modules

    def count(self) -> None:
        """Count one step; raises `TooMuchWorkError`."""
        self._left -= 1
        if self._left < 0:
            raise TooMuchWorkError

    def allows_modules(self, number: int) -> bool:
        """Count the instances of a module call; whether they are not too many."""
        if self._modules_left < number:
            return False
        self._modules_left -= number
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleCall:
    """The call that made a module instance."""

    parent: "Module"
    block: Block
    scope: Scope
    key: InstanceKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a resource or data block."""

    module: "Module"
    block_key: BlockKey
    block: Block
    key: InstanceKey
    scope: Scope
    address: str

    @property
    def type(self) -> str:
        """The resource type."""
        return self.block_key[1]

    def argument(self, name: str) -> Value | None:
        """The argument's value as the code has it, `null` too; `None` when it is not written."""
        attribute = self.block.body.attributes.get(name)
        if attribute is None:
            return None
        return self.module.once(
            ("argument", self.address, name),
            lambda: _walkable(evaluate_or_unknown(attribute.expression, self.scope)),
        )

    def written(self, name: str) -> Value | None:
        """The argument's value as the code has it, `None` when it is not set."""
        value = self.argument(name)
        return None if value is None or value.content is None else value

    def blocks(self, name: str) -> Value | None:
        """The nested blocks of a type as a list of objects, `None` when there are none."""
        if name not in nested_types(self.block.body):
            return None
        return self.module.once(
            ("blocks", self.address, name),
            lambda: _walkable(blocks_value(self.block.body, name, self.scope, self.block.span)),
        )

    def read(self, name: str) -> Value:
        """An attribute as other code sees it: an argument, or what only AWS knows."""
        value = self.written(name)
        if value is None:
            value = self.blocks(name)
        if value is None and (argument := _SAME_AS_ARGUMENT.get((self.type, name))):
            value = self.written(argument)
        if value is None and self.block_key[0] == "data":
            value = self._data(name)
        if value is None and name == "region":
            value = self._region()
        if value is not None:
            return value
        if (self.type, name) in _SAME_AS_ARN:
            name = "arn"
        return Value(
            UnknownContent(
                reason=_AFTER_APPLY,
                reference=f"{_local_address(self)}.{name}",
                origin=Origin(address=self.address, attribute=name),
                is_ephemeral=self.block_key[0] == "ephemeral",
            )
        )

    def provider(self) -> Provider:
        """The provider that acts for this block."""
        attribute = self.block.body.attributes.get("provider")
        if attribute is None:
            return self.module.provider(DEFAULT_PROVIDER)
        reference = provider_reference(attribute.expression, self.scope)
        if isinstance(reference, Unknown):
            return Provider(account=reference, region=reference)
        return self.module.provider(reference)

    def region(self) -> Region | Unknown:
        """The region of the resource: its own argument, else the provider's."""
        written = self.written("region")
        if written is None:
            return self.provider().region
        return region_of(written)

    def _region(self) -> Value | None:
        region = self.provider().region
        return None if isinstance(region, Unknown) else Value(str(region))

    def _data(self, name: str) -> Value | None:
        match self.type, name:
            case "aws_iam_policy_document", "json" | "minified_json":
                return self.module.once(
                    ("document", self.address),
                    lambda: _walkable(
                        policy_document(self.block.body, self.scope, self.block.span)
                    ),
                )
            case "aws_caller_identity", "account_id" | "id":
                account = self.provider().account
                if isinstance(account, Unknown):
                    return unknown(caller_of(account), f"{_local_address(self)}.{name}")
                return _known_word(account)
            case "aws_region", "region" | "name" | "id":
                return _known_word(self.region())
            case "aws_partition", "partition" | "id" | "dns_suffix":
                region = self.provider().region
                if isinstance(region, Unknown):
                    return None
                partition = region.aws_partition
                return Value(partition.dns_suffix if name == "dns_suffix" else partition.id)
            case "aws_kms_alias", "target_key_arn":
                return self._key_of_alias()
            case _:
                return None

    def _key_of_alias(self) -> Value | None:
        """What stands for the key that an alias names, in code as in a topology."""
        alias, account, region = self.written("name"), self.provider().account, self.region()
        if (
            alias is None
            or not isinstance(alias.content, str)
            or isinstance(account, Unknown)
            or isinstance(region, Unknown)
        ):
            return None
        return Value(key_of_alias(region, account, alias.content))


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadCall:
    """A module call whose code was not looked at, and why."""

    module: "Module"
    block: Block
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
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
        root_account: AccountId | Unknown,
        call: ModuleCall | None = None,
    ) -> None:
        self.project = project
        self.source = source
        self.call = call
        self.root: Module = self if call is None else call.parent.root
        self.unread: list[UnreadCall] = []
        self.lent: list[LentCall] = []
        self._budget = budget
        self._root_account = root_account
        self._memory: dict[tuple[str, ...], Value | EvaluationError] = {}
        self._busy: set[tuple[str, ...]] = set()
        self._instances: dict[tuple[str, ...], list[tuple[InstanceKey, Scope]]] = {}
        self._children: dict[str, list[Module] | str] = {}
        self._providers: dict[ProviderReference, Provider] = {}
        self._values_from_files: Mapping[str, Expression] | None = None
        self._parent_files: frozenset[Path] = (
            frozenset() if call is None else call.parent.known_files
        )
        self.known_files: frozenset[Path] = self._parent_files | source.files
        self.scope = Scope(names=self, local={})
        self.address = "" if call is None else f"{call.parent.prefix}{_call_address(call)}"

    @property
    def prefix(self) -> str:
        """What stands before a resource's address: nothing in a root, else the module's and a dot."""
        return f"{self.address}." if self.address else ""

    @property
    def dotted_name(self) -> str:
        """The names of the calls that lead here, as `terraform init` notes them."""
        if self.call is None:
            return ""
        before = self.call.parent.dotted_name
        return f"{before}.{self.call.block.labels[0]}" if before else self.call.block.labels[0]

    def count_step(self) -> None:
        """Count one step; raises `TooMuchWorkError`."""
        self._budget.count()

    def is_called_from_outside(self, span: Span) -> bool:
        """Whether the place lies in the files of a caller, and not in this module's own."""
        return span.file in self._parent_files and span.file not in self.source.files

    def covers(self, span: Span) -> bool:
        """Whether the place lies in this module's files, its variable files or a caller's."""
        return span.file in self.known_files or self.project.is_variable_file(span.file)

    def resolve(self, name: str, steps: Sequence[Step], span: Span) -> tuple[Value, int]:
        """The value of a reference's beginning, and how many steps that beginning has."""
        first = _step_word(steps, 0)
        match name:
            case "var" | "local" | "module" | "path" if first is None:
                raise EvaluationError(f"`{name}` needs a name behind it")
            case "var" if first is not None:
                return self.once(("var", first), lambda: self._variable(first)), 1
            case "local" if first is not None:
                return self.once(("local", first), lambda: self._local(first)), 1
            case "module" if first is not None:
                return self.once(("module", first), lambda: self._called(first)), 1
            case "path" if first is not None:
                return self._path(first, span), 1
            case "data" | "ephemeral":
                second = _step_word(steps, 1)
                if first is None or second is None:
                    raise EvaluationError(f"`{name}` needs a type and a name behind it")
                return self._resource((name, first, second)), 2
            case "terraform":
                reason = "which workspace is selected is not written in the code"
                return unknown(reason, f"terraform.{first or '…'}", span), min(len(steps), 1)
            case "each" | "count" | "self":
                raise EvaluationError(f"`{name}` has no meaning here")
            case _:
                if first is None:
                    raise EvaluationError(f"`{name}` is no name that is known here")
                return self._resource(("resource", name, first)), 1

    def call_file_function(self, name: str, arguments: Sequence[Value], span: Span) -> Value:
        """The result of a function that reads a file of the project."""
        if len(arguments) != (2 if name == "templatefile" else 1):
            raise EvaluationError(f"{name}() does not take {len(arguments)} arguments")
        if (missing := unknown_in(arguments[0])) is not None:
            return Value(missing, span)
        written = as_text(arguments[0])
        path = joined(self.root.source.folder, written)
        reference = f'{name}("{written}")'
        try:
            if name == "fileexists":
                return Value(self.project.exists(path), span)
            if name == "templatefile":
                return self._render(path, arguments[1], span)
            text = self.project.text(path)
        except UnreadableError as error:
            return unknown(f"the file was not read: {error}", reference, span)
        match name:
            case "file":
                return Value(text, span)
            case "filebase64":
                return Value(base64.b64encode(text.encode()).decode(), span)
            case _:
                algorithm = name.removeprefix("file")
                digest = hashlib.new(algorithm, text.encode(), usedforsecurity=False)
                return Value(digest.hexdigest(), span)

    def _render(self, path: Path, variables: Value, span: Span) -> Value:
        template = self.project.template(path)
        if (missing := unknown_in(variables)) is not None:
            return Value(missing, span)
        if not isinstance(variables.content, Fields):
            raise EvaluationError("templatefile() needs a map of variables")
        scope = Scope(names=_TemplateNames(self), local=variables.content.values)
        pieces = list(template_pieces(template.parts, scope, []))
        return text_of(pieces, span)

    def once(self, key: tuple[str, ...], compute: Callable[[], Value]) -> Value:
        """The value under a key, computed at the first call; raises what computing it raised."""
        if key not in self._memory:
            if key in self._busy:
                return unknown("it refers to itself", ".".join(key))
            self._busy.add(key)
            try:
                self._memory[key] = compute()
            except EvaluationError as error:
                self._memory[key] = error
            finally:
                self._busy.discard(key)
        found = self._memory[key]
        if isinstance(found, EvaluationError):
            raise type(found)(str(found))
        return found

    def _variable(self, name: str) -> Value:
        block = self.source.variables.get(name)
        if block is None:
            return unknown("it is not declared in the files that were read", f"var.{name}")
        attributes = block.body.attributes
        if _constant(attributes.get("ephemeral")) is True:
            return Value(
                UnknownContent(reason="it is ephemeral", reference=f"var.{name}", is_ephemeral=True)
            )
        value = self._given(name)
        default = attributes.get("default")
        nullable = _constant(attributes.get("nullable")) is not False
        if value is not None and value.content is None and not nullable:
            value = None
        if value is None:
            if default is None:
                return unknown("it has no value in the code", f"var.{name}", block.header)
            value = evaluate(default.expression, self.scope)
        constraint = attributes.get("type")
        if constraint is None:
            return value
        try:
            return convert(value, constraint.expression, lambda inner: evaluate(inner, self.scope))
        except EvaluationError as error:
            raise type(error)(f"var.{name}: {error}") from None

    def _given(self, name: str) -> Value | None:
        if self.call is not None:
            attribute = self.call.block.body.attributes.get(name)
            if attribute is None:
                return None
            return evaluate(attribute.expression, self.call.scope)
        text = self.project.settings.variables.get(name)
        if text is not None:
            return self._from_command_line(name, text)
        if self._values_from_files is None:
            self._values_from_files = self.project.variable_values(self.source.folder)
        expression = self._values_from_files.get(name)
        return None if expression is None else evaluate(expression, self.scope)

    def _from_command_line(self, name: str, text: str) -> Value:
        """A value of `-var`: the text itself, unless the variable's type is a collection."""
        block = self.source.variables[name]
        constraint = block.body.attributes.get("type")
        if constraint is None or (
            isinstance(constraint.expression, Name)
            and constraint.expression.name in _TYPES_OF_PLAIN_TEXT
        ):
            return Value(text)
        parsed = self.project.variable_text(text, block)
        if isinstance(parsed, str):
            raise EvaluationError(parsed)
        return evaluate(parsed, self.scope)

    def _local(self, name: str) -> Value:
        attribute = self.source.locals.get(name)
        if attribute is None:
            return unknown("it is not declared in the files that were read", f"local.{name}")
        return evaluate(attribute.expression, self.scope)

    def _path(self, word: str, span: Span) -> Value:
        match word:
            case "module":
                return Value(self._relative_path(), span)
            case "root":
                return Value(".", span)
            case _:
                reason = "it depends on where Terraform runs"
                return unknown(reason, f"path.{word}", span)

    def _relative_path(self) -> str:
        if self.call is None:
            return "."
        root = self.root.source.folder
        folder = self.source.folder
        if folder.is_relative_to(root):
            return folder.relative_to(root).as_posix()
        up = 0
        while not folder.is_relative_to(root) and root != root.parent:
            root, up = root.parent, up + 1
        return posixpath.join(*[".."] * up, folder.relative_to(root).as_posix())

    def _resource(self, key: BlockKey) -> Value:
        mode, kind, name = key
        reference = f"{kind}.{name}" if mode == "resource" else f"{mode}.{kind}.{name}"
        block = self.source.resources.get(key)
        if block is None:
            return unknown("it is not declared in the files that were read", reference)
        if mode == "ephemeral":
            return Value(
                UnknownContent(reason="it is ephemeral", reference=reference, is_ephemeral=True)
            )
        return self.once(("resource", *key), lambda: self._resource_value(key, block, reference))

    def _resource_value(self, key: BlockKey, block: Block, reference: str) -> Value:
        instances = list(self.block_instances(key, block))
        attributes = block.body.attributes
        if any(isinstance(instance.key, UnknownContent) for instance in instances):
            return unknown("the keys of its instances are unknown", reference)
        values = [
            Value(Deferred(reference=instance.address, read=instance.read))
            for instance in instances
        ]
        if "for_each" in attributes:
            keys = [str(instance.key) for instance in instances]
            return Value(Fields(values=dict(zip(keys, values, strict=True)), kind="map"))
        if "count" in attributes:
            return Value(Items(values=tuple(values), kind="tuple"))
        return values[0]

    def _called(self, name: str) -> Value:
        block = self.source.calls.get(name)
        reference = f"module.{name}"
        if block is None:
            return unknown("it is not declared in the files that were read", reference)
        children = self.children(name)
        if isinstance(children, str):
            return unknown(children, reference)
        keys = [child.call.key for child in children if child.call is not None]
        if any(isinstance(key, UnknownContent) for key in keys):
            return unknown("the keys of its instances are unknown", reference)
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
        if "for_each" in block.body.attributes:
            named = dict(zip(map(str, keys), values, strict=True))
            return Value(Fields(values=named, kind="map"))
        if "count" in block.body.attributes:
            return Value(Items(values=tuple(values)))
        return values[0]

    def output(self, name: str) -> Value:
        """The value of an output, as the caller sees it."""
        block = self.source.outputs.get(name)
        value = None if block is None else block.body.attributes.get("value")
        if value is None:
            raise NotComputedError(f"{self.address} has no output `{name}`")
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
                self._instances[memory_key] = self._expand(block)
            finally:
                self._busy.discard(memory_key)
        return self._instances[memory_key]

    def _expand(self, block: Block) -> list[tuple[InstanceKey, Scope]]:
        attributes = block.body.attributes
        if (for_each := attributes.get("for_each")) is not None:
            value = evaluate_or_unknown(for_each.expression, self.scope)
            return self._for_each(value, for_each.span)
        if (count := attributes.get("count")) is not None:
            value = evaluate_or_unknown(count.expression, self.scope)
            return self._count(value)
        return [(None, self.scope)]

    def _for_each(self, value: Value, span: Span) -> list[tuple[InstanceKey, Scope]]:
        missing = unknown_in(value)
        if missing is not None:
            return [self._unknown_instance(missing, span)]
        entries: list[tuple[InstanceKey, Scope]] = []
        match value.content:
            case Fields(values=fields, key_spans=spans):
                for key in sorted(fields):
                    key_value = Value(key, spans.get(key) or fields[key].span)
                    entries.append((key, self._each(key_value, fields[key])))
            case Items(values=items, kind="set"):
                for item in items:
                    if (missing := first_unknown((item,))) is not None:
                        entries.append(self._unknown_instance(missing, span))
                    elif isinstance(item.content, str):
                        entries.append((item.content, self._each(item, item)))
                    else:
                        return [self._unknown_instance(_wrong_for_each(), span)]
            case _:
                return [self._unknown_instance(_wrong_for_each(), span)]
        if len(entries) > MOST_INSTANCES:
            content = UnknownContent(reason="it makes too many instances", reference="for_each")
            return [self._unknown_instance(content, span)]
        return entries

    def _each(self, key: Value, value: Value) -> Scope:
        each = Value(Fields(values={"key": key, "value": value}), value.span)
        return self.scope.with_names({"each": each})

    def _unknown_instance(self, content: UnknownContent, span: Span) -> tuple[InstanceKey, Scope]:
        each_key = unknown(content.reason, "each.key", span)
        each_value = unknown(content.reason, "each.value", span)
        return content, self._each(each_key, each_value)

    def _count(self, value: Value) -> list[tuple[InstanceKey, Scope]]:
        missing = unknown_in(value)
        number = 0
        if missing is None:
            try:
                number = as_integer(value)
            except EvaluationError as error:
                missing = UnknownContent(reason=str(error), reference="count")
        if missing is None and number > MOST_INSTANCES:
            missing = UnknownContent(reason="it makes too many instances", reference="count")
        if missing is not None:
            index = unknown(missing.reason, "count.index")
            count = Value(Fields(values={"index": index}))
            return [(missing, self.scope.with_names({"count": count}))]
        return [
            (
                index,
                self.scope.with_names(
                    {"count": Value(Fields(values={"index": Value(index, value.span)}))}
                ),
            )
            for index in range(number)
        ]

    def children(self, name: str) -> "list[Module] | str":
        """The instances that a call makes, or why its code was not read."""
        if name not in self._children:
            block = self.source.calls[name]
            made = self._make_children(name, block)
            if isinstance(made, str):
                self.unread.append(UnreadCall(module=self, block=block, reason=made))
            self._children[name] = made
        return self._children[name]

    def _make_children(self, name: str, block: Block) -> "list[Module] | str":
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
                root_account=self._root_account,
                call=ModuleCall(parent=self, block=block, scope=scope, key=key),
            )
            for key, scope in instances
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
        if self.call is None:
            if block is not None:
                return configured_provider(reference, block, self.scope, self._root_account)
            if reference != DEFAULT_PROVIDER:
                return unknown_provider("there is no such provider block", reference)
            return Provider(
                account=self._root_account,
                region=missing("neither a provider block nor the resource says it", "region"),
            )
        passed = passed_provider(self.call.block, reference, self.call.scope)
        if isinstance(passed, Unknown):
            return Provider(account=passed, region=passed)
        if passed is not None:
            return self.call.parent.provider(passed)
        # Old modules declare what they are given by a block without any settings.
        if block is not None and has_settings(block):
            return configured_provider(reference, block, self.scope, self._root_account)
        if "." not in reference.name:
            return self.call.parent.provider(reference)
        return unknown_provider("the module call passes no such provider", reference)


class _TemplateNames:
    """What a template file sees: its variables, and nothing of the module around it."""

    def __init__(self, module: Module) -> None:
        self._module = module

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
        return self._module.call_file_function(name, arguments, span)

    def count_step(self) -> None:
        """Count one step; raises `TooMuchWorkError`."""
        self._module.count_step()


def index_text(key: InstanceKey) -> str:
    """The end of an instance's address, as Terraform prints it; `[?]` for an unknown key."""
    match key:
        case None:
            return ""
        case int():
            return f"[{key}]"
        case str():
            quoted = json.dumps(key, ensure_ascii=False)
            return "[" + quoted.replace("${", "$${").replace("%{", "%%{") + "]"
        case UnknownContent():
            return "[?]"


def _call_address(call: ModuleCall) -> str:
    return f"module.{call.block.labels[0]}{index_text(call.key)}"


def _local_address(instance: Instance) -> str:
    return instance.address.removeprefix(instance.module.prefix)


def _step_word(steps: Sequence[Step], index: int) -> str | None:
    if index >= len(steps):
        return None
    match steps[index]:
        case AttributeStep(name=name):
            return name
        case IndexStep(key=Literal(value=str() as name)):
            return name
        case _:
            return None


def _wrong_for_each() -> UnknownContent:
    return UnknownContent(reason="it is no map and no set of texts", reference="for_each")


def _walkable(value: Value) -> Value:
    """The value, or an unknown in the place of one that is too large to look at."""
    return value if is_small(value) else unknown("it is too large", "this expression", value.span)


def _constant(attribute: Attribute | None) -> bool | None:
    match attribute:
        case Attribute(expression=Literal(value=bool() as written)):
            return written
        case _:
            return None


def _known_word(word: str | Unknown) -> Value | None:
    return None if isinstance(word, Unknown) else Value(str(word))
