"""Turns instances of resource blocks into records of the estate."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.hcl.files import UnreadableError
from generator.hcl.json_syntax import element_places
from generator.hcl.json_text import decode, encode_parts
from generator.hcl.module import Instance, Module
from generator.hcl.values import (
    INEXACT,
    Deferred,
    EvaluationError,
    Fields,
    Items,
    JsonText,
    Origin,
    PartialText,
    UnknownContent,
    Value,
    unknown_in,
)
from generator.model.estate import (
    Absent,
    Attribute,
    Identity,
    Json,
    Kind,
    Known,
    Link,
    Record,
    Unknown,
)
from generator.span import Span
from generator.values import AccountId, registry_host, repository_arn, role_arn

StatementKey = tuple[str, str, str, int]
"""Root, record address, attribute, position of the statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """How a resource type becomes a record: its kind and the arguments that are kept."""

    kind: Kind
    arguments: tuple[str, ...]
    documents: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()


_SHAPES: Mapping[str, _Shape] = {
    "aws_ecr_pull_through_cache_rule": _Shape(
        kind=Kind.CACHE_RULE,
        arguments=(
            "ecr_repository_prefix",
            "upstream_registry_url",
            "upstream_repository_prefix",
            "credential_arn",
            "custom_role_arn",
        ),
    ),
    "aws_ecr_registry_policy": _Shape(
        kind=Kind.REGISTRY_POLICY, arguments=(), documents=("policy",)
    ),
    "aws_ecr_repository_creation_template": _Shape(
        kind=Kind.CREATION_TEMPLATE,
        arguments=(
            "prefix",
            "applied_for",
            "custom_role_arn",
            "description",
            "image_tag_mutability",
            "resource_tags",
        ),
        documents=("lifecycle_policy", "repository_policy"),
        blocks=("encryption_configuration", "image_tag_mutability_exclusion_filter"),
    ),
    "aws_ecr_account_setting": _Shape(kind=Kind.ACCOUNT_SETTING, arguments=("name", "value")),
    "aws_secretsmanager_secret": _Shape(
        kind=Kind.SECRET,
        arguments=("name", "kms_key_id", "recovery_window_in_days"),
        documents=("policy",),
        blocks=("replica",),
    ),
    # The values (`secret_string` and its like) are never read.
    "aws_secretsmanager_secret_version": _Shape(
        kind=Kind.SECRET_VERSION,
        arguments=("secret_id", "version_stages", "secret_string_wo_version"),
    ),
    "aws_iam_role": _Shape(
        kind=Kind.ROLE,
        arguments=("name", "path", "permissions_boundary"),
        documents=("assume_role_policy",),
    ),
    "aws_iam_role_policy": _Shape(
        kind=Kind.ROLE_POLICY, arguments=("name", "role"), documents=("policy",)
    ),
    "aws_iam_policy": _Shape(
        kind=Kind.MANAGED_POLICY, arguments=("name", "path"), documents=("policy",)
    ),
    "aws_iam_role_policy_attachment": _Shape(
        kind=Kind.ATTACHMENT, arguments=("role", "policy_arn")
    ),
    "aws_ecr_repository": _Shape(
        kind=Kind.REPOSITORY,
        arguments=("name", "image_tag_mutability"),
        blocks=("encryption_configuration", "image_scanning_configuration"),
    ),
    "aws_ecr_repository_policy": _Shape(
        kind=Kind.REPOSITORY_POLICY, arguments=("repository",), documents=("policy",)
    ),
    "aws_kms_key_policy": _Shape(
        kind=Kind.KMS_KEY_POLICY, arguments=("key_id",), documents=("policy",)
    ),
}
# Resources that attach policies by lists: the arguments with the roles and with the policies.
_ATTACHMENT_LISTS: Mapping[str, tuple[str, str]] = {
    "aws_iam_role": ("name", "managed_policy_arns"),
    "aws_iam_policy_attachment": ("roles", "policy_arn"),
    "aws_iam_role_policy_attachments_exclusive": ("role_name", "policy_arns"),
}
_GLOBAL_KINDS = frozenset({Kind.ROLE, Kind.ROLE_POLICY, Kind.MANAGED_POLICY, Kind.ATTACHMENT})

# Which attributes of which types name another record, and of what kind that is.
_SECRET_WORDS = frozenset({"arn", "id", "secret_id", "secret_arn"})
_LINKS: Mapping[str, tuple[Kind, frozenset[str]]] = {
    "aws_secretsmanager_secret": (Kind.SECRET, _SECRET_WORDS),
    "aws_secretsmanager_secret_version": (Kind.SECRET, _SECRET_WORDS),
    "aws_iam_role": (Kind.ROLE, frozenset({"arn"})),
    "aws_iam_policy": (Kind.MANAGED_POLICY, frozenset({"arn", "id"})),
    "aws_ecr_repository": (Kind.REPOSITORY, frozenset({"arn"})),
}


class RootRecords:
    """The records of one root module, and the answers that need several of its blocks."""

    def __init__(self, name: str, root: Module) -> None:
        self.name = name
        self.instances: dict[str, Instance] = {
            instance.address: instance for instance in root.all_instances()
        }
        self.statement_spans: dict[StatementKey, Span] = {}
        self._role_keys: dict[tuple[AccountId, str], str] | None = None

    def records(self) -> Iterator[Record]:
        """One record for each instance of a resource that the estate knows."""
        for instance in self.instances.values():
            if instance.block_key[0] != "resource":
                continue
            shape = _SHAPES.get(instance.type)
            if shape is not None:
                yield self._record(instance, shape)
                if shape.kind is Kind.ROLE:
                    yield from self._inline_parts(instance)
            if (lists := _ATTACHMENT_LISTS.get(instance.type)) is not None:
                yield from self._listed_attachments(instance, *lists)

    def _record(self, instance: Instance, shape: _Shape) -> Record:
        attributes: dict[str, Attribute] = {}
        for name in shape.arguments:
            value = instance.argument(name)
            if value is None:
                continue
            attributes[name] = self.attribute(value, self._written_span(instance, name))
            if value.content is None:
                attributes[name] = Absent(span=_null_span(instance, value))
        for name in shape.documents:
            value = instance.written(name)
            if value is not None:
                attributes[name] = self._document(instance, name, value)
        for name in shape.blocks:
            value = instance.blocks(name) or instance.written(name)
            if value is not None:
                attributes[name] = Known(value=self.json(value), span=value.span)
        return Record(
            kind=shape.kind,
            account=instance.provider().account,
            region=None if shape.kind in _GLOBAL_KINDS else instance.region(),
            key=self._key(instance, shape.kind),
            attributes=attributes,
            address=instance.address,
            span=instance_span(instance),
            root=self.name,
            uncertain=_uncertain(instance),
        )

    def _inline_parts(self, instance: Instance) -> Iterator[Record]:
        """Policies and attachments that a role block holds itself."""
        account, role = instance.provider().account, self._key(instance, Kind.ROLE)
        inline = instance.blocks("inline_policy")
        for number, item in enumerate(_items(inline)):
            # What the blocks are made from may be unknown, and so then are they.
            name = policy = item
            if isinstance(item.content, Fields):
                written = item.content.values
                if "name" not in written or "policy" not in written:
                    continue
                name, policy = written["name"], written["policy"]
            address = f"{instance.address}.inline_policy[{number}]"
            yield Record(
                kind=Kind.ROLE_POLICY,
                account=account,
                region=None,
                key=_two(role, self._text(name), ":"),
                attributes={
                    "name": self.attribute(name, item.span),
                    "role": self._role_name(instance, "name"),
                    "policy": self._document(instance, "policy", policy, address=address),
                },
                address=address,
                span=item.span,
                root=self.name,
                uncertain=_uncertain(instance),
            )

    def _listed_attachments(
        self, instance: Instance, roles: str, policies: str
    ) -> Iterator[Record]:
        """One attachment for each role and policy that a resource lists."""
        account = instance.provider().account
        pairs = itertools.product(
            _listed(instance.written(roles)), _listed(instance.written(policies))
        )
        for number, (role, policy) in enumerate(pairs):
            yield Record(
                kind=Kind.ATTACHMENT,
                account=account,
                region=None,
                key=_two(self._text(role), self._policy_key(policy, account), ":"),
                attributes={
                    "role": self.attribute(role, role.span),
                    "policy_arn": self.attribute(policy, policy.span),
                },
                address=f"{instance.address}.{policies}[{number}]",
                span=policy.span or instance.block.span,
                root=self.name,
                uncertain=_uncertain(instance),
            )

    def _role_name(self, instance: Instance, name: str) -> Attribute:
        value = instance.written(name)
        return _not_set(name, instance) if value is None else self.attribute(value, value.span)

    def _written_span(self, instance: Instance, name: str) -> Span | None:
        attribute = instance.block.body.attributes.get(name)
        return None if attribute is None else attribute.expression.span

    def _key(self, instance: Instance, kind: Kind) -> str | Unknown:
        match kind:
            case Kind.CACHE_RULE:
                prefix = self._argument(instance, "ecr_repository_prefix")
                return prefix if isinstance(prefix, Unknown) else prefix.removesuffix("/")
            case Kind.CREATION_TEMPLATE:
                prefix = self._argument(instance, "prefix")
                return prefix if isinstance(prefix, Unknown) else prefix.removesuffix("/")
            case Kind.REGISTRY_POLICY:
                return ""
            case Kind.SECRET:
                return self._argument(instance, "name")
            case Kind.SECRET_VERSION:
                return self._secret_key(instance)
            case Kind.ROLE | Kind.MANAGED_POLICY:
                return self._with_path(instance)
            case Kind.ROLE_POLICY:
                role = self._role_key(instance)
                return _two(role, self._argument(instance, "name"), ":")
            case Kind.ATTACHMENT:
                policy = instance.written("policy_arn")
                account = instance.provider().account
                key = (
                    _not_set("policy_arn", instance)
                    if policy is None
                    else self._policy_key(policy, account)
                )
                return _two(self._argument(instance, "role"), key, ":")
            case Kind.ACCOUNT_SETTING | Kind.REPOSITORY:
                return self._argument(instance, "name")
            case Kind.REPOSITORY_POLICY:
                return self._argument(instance, "repository")
            case Kind.KMS_KEY_POLICY:
                return self._argument(instance, "key_id")

    def _argument(self, instance: Instance, name: str) -> str | Unknown:
        value = instance.written(name)
        return _not_set(name, instance) if value is None else self._text(value)

    def _text(self, value: Value) -> str | Unknown:
        attribute = self.attribute(value, None)
        match attribute:
            case Known(value=str() as text):
                return text
            case Known(value=bool() | int() | float() as scalar):
                return str(scalar)
            case Link(target=target):
                return target.key
            case Unknown():
                return attribute
            case _:
                return Unknown(reason="it is no text", reference="this expression")

    def _with_path(self, instance: Instance) -> str | Unknown:
        name = self._argument(instance, "name")
        path = instance.written("path")
        before = "/" if path is None else self._text(path)
        if isinstance(before, Unknown):
            return before
        return _two(before.strip("/"), name, "/") if before.strip("/") else name

    def _role_key(self, instance: Instance) -> str | Unknown:
        name = self._argument(instance, "role")
        account = instance.provider().account
        if isinstance(name, Unknown) or isinstance(account, Unknown):
            return name
        if self._role_keys is None:
            self._role_keys = {}
            for other in self.instances.values():
                if other.block_key[:2] != ("resource", "aws_iam_role"):
                    continue
                key, owner = self._with_path(other), other.provider().account
                if isinstance(key, str) and not isinstance(owner, Unknown):
                    self._role_keys.setdefault((owner, key.rsplit("/", 1)[-1]), key)
        return self._role_keys.get((account, name), name)

    def _policy_key(self, value: Value, account: AccountId | Unknown) -> str | Unknown:
        text = self._text(value)
        words = text.split(":", 5) if isinstance(text, str) else []
        if len(words) == 6 and words[4] == account and words[5].startswith("policy/"):
            return words[5].removeprefix("policy/")
        return text

    def _secret_key(self, instance: Instance) -> str | Unknown:
        value = instance.written("secret_id")
        if value is None:
            return _not_set("secret_id", instance)
        text = self._text(value)
        return text if isinstance(text, Unknown) else secret_name(text)

    def identity_of(self, origin: Origin) -> Identity | None:
        """The record that a computed attribute names, when everything about it is known."""
        instance = self.instances.get(origin.address)
        link = None if instance is None else _LINKS.get(instance.type)
        if instance is None or link is None or origin.attribute not in link[1]:
            return None
        kind = link[0]
        account = instance.provider().account
        region = None if kind in _GLOBAL_KINDS else instance.region()
        key = self._linked_key(instance, kind)
        if isinstance(account, Unknown) or isinstance(region, Unknown) or isinstance(key, Unknown):
            return None
        return Identity(kind=kind, account=account, region=region, key=key)

    def _linked_key(self, instance: Instance, kind: Kind) -> str | Unknown:
        if instance.type == "aws_secretsmanager_secret_version":
            return self._secret_key(instance)
        if kind is Kind.SECRET:
            name = self._argument(instance, "name")
            if not isinstance(name, Unknown):
                return name
            arn = instance.written("arn")
            text = name if arn is None else self._text(arn)
            return text if isinstance(text, Unknown) else secret_name(text)
        return self._key(instance, kind)

    def _known_parts(self, content: UnknownContent) -> tuple[str | None, ...]:
        """The text of a computed attribute, as far as AWS's rules let it be known."""
        origin = content.origin
        instance = None if origin is None else self.instances.get(origin.address)
        if origin is None or instance is None:
            return (None,)
        account, region = instance.provider().account, instance.region()
        if isinstance(account, Unknown):
            return (None,)
        if origin.attribute == "registry_id":
            return (str(account),)
        link = _LINKS.get(instance.type)
        if link is None or isinstance(region, Unknown):
            return (None,)
        key = self._linked_key(instance, link[0])
        if isinstance(key, Unknown):
            return (None,)
        partition = region.aws_partition.id
        match link[0], origin.attribute:
            case Kind.ROLE, "arn":
                return (role_arn(partition, account, key),)
            case Kind.MANAGED_POLICY, "arn":
                return (f"arn:{partition}:iam::{account}:policy/{key}",)
            case Kind.REPOSITORY, "arn":
                return (repository_arn(region, account, key),)
            case Kind.REPOSITORY, "repository_url":
                return (f"{registry_host(region, account)}/{key}",)
            case Kind.SECRET, "arn" | "id" | "secret_id" | "secret_arn":
                # The six characters at the end are chosen by Secrets Manager.
                head = f"arn:{partition}:secretsmanager:{region}:{account}:secret:{key}-"
                return (head, None)
            case _:
                return (None,)

    def attribute(self, value: Value, fallback: Span | None) -> Attribute:
        """A value as an attribute of a record."""
        span = value.span or fallback
        match value.content:
            case None:
                return Absent(span=span)
            case UnknownContent(origin=Origin() as origin) if (
                target := self.identity_of(origin)
            ) is not None:
                return Link(target=target, span=span)
            case UnknownContent() as content:
                return self._joined((content,), content, span)
            case PartialText(parts=parts):
                return self._joined(parts, unknown_in(value), span)
            case JsonText() as content:
                return self._json_text(content, unknown_in(value), span)
            case Deferred(reference=reference):
                return Unknown(
                    reason="it has attributes that only AWS knows", reference=reference, span=span
                )
            case _:
                return Known(value=self.json(value), span=span)

    def _json_text(
        self, content: JsonText, missing: UnknownContent | None, span: Span | None
    ) -> Known | Unknown:
        if not content.is_exact:
            return Unknown(reason=INEXACT, reference="a policy document", span=span)
        return self._joined(encode_parts(content.document), missing, span)

    def _joined(
        self,
        parts: Sequence[str | UnknownContent],
        missing: UnknownContent | None,
        span: Span | None,
    ) -> Known | Unknown:
        joined: list[str | None] = []
        for part in parts:
            for piece in (part,) if isinstance(part, str) else self._known_parts(part):
                if piece is not None and joined and joined[-1] is not None:
                    joined[-1] += piece
                else:
                    joined.append(piece)
        if len(joined) == 1 and joined[0] is not None:
            return Known(value=joined[0], span=span)
        if missing is None:
            return Known(value="", span=span)
        return Unknown(
            reason=missing.reason, reference=missing.reference, span=span, parts=tuple(joined)
        )

    def json(self, value: Value) -> Json:
        """A value as a JSON-like value whose leaves may be unknown."""
        content = value.content
        match content:
            case Items(values=items):
                return tuple(self.json(item) for item in items)
            case Fields(values=fields):
                return {key: self.json(item) for key, item in fields.items()}
            case Decimal():
                return float(content)
            case str() | bool() | int() | None:
                return content
            case UnknownContent():
                return _leaf(self._joined((content,), content, value.span))
            case PartialText(parts=parts):
                return _leaf(self._joined(parts, unknown_in(value), value.span))
            case JsonText() as text:
                return _leaf(self._json_text(text, unknown_in(value), value.span))
            case Deferred(reference=reference):
                return Unknown(
                    reason="it has attributes that only AWS knows",
                    reference=reference,
                    span=value.span,
                )

    def _document(
        self, instance: Instance, name: str, value: Value, *, address: str | None = None
    ) -> Attribute:
        if value.content == "":
            return Absent(span=value.span)
        if isinstance(value.content, UnknownContent):
            return self.attribute(value, value.span)
        try:
            document = decode(value)
        except EvaluationError as error:
            return Unknown(reason=str(error), reference=name, span=value.span)
        if isinstance(document.content, UnknownContent):
            return self.attribute(Value(document.content, value.span), value.span)
        span = value.span
        if isinstance(document.content, Fields):
            statements = document.content.values.get("Statement")
            if statements is not None:
                self._note_statements(
                    address or instance.address, name, statements, _heredoc_places(instance, span)
                )
                if statements.span is not None and instance.module.is_called_from_outside(
                    statements.span
                ):
                    span = statements.span
        return Known(value=self.json(document), span=span)

    def _note_statements(
        self, address: str, name: str, statements: Value, written: Sequence[Span]
    ) -> None:
        items = _items(statements) if isinstance(statements.content, Items) else (statements,)
        for number, statement in enumerate(items):
            span = written[number] if len(written) == len(items) else statement.span
            if span is not None:
                self.statement_spans[self.name, address, name, number] = span


def _heredoc_places(instance: Instance, span: Span | None) -> Sequence[Span]:
    """The places of the statements in a policy that is written as JSON in a heredoc."""
    if span is None or span.line == span.end_line:
        return ()
    try:
        lines = instance.module.project.text(span.file).split("\n")
    except UnreadableError:
        return ()
    if not lines[span.line - 1].startswith("<<", span.column - 1):
        return ()
    body = "\n".join(lines[span.line : span.end_line - 1])
    return element_places(body, "Statement", file=span.file, line=span.line + 1)


def secret_name(text: str) -> str:
    """A secret's name from its name or ARN."""
    words = text.split(":", 6)
    if len(words) == 7 and words[0] == "arn" and words[2] == "secretsmanager":
        name = words[6]
        return name[:-7] if len(name) > 7 and name[-7] == "-" else name
    return text


def instance_span(instance: Instance) -> Span:
    """Where a person removes or changes one instance: its entry in `for_each`, else the block."""
    each = instance.scope.local.get("each")
    if isinstance(instance.key, str) and each is not None and isinstance(each.content, Fields):
        key = each.content.values["key"].span
        value = each.content.values["value"].span
        if key is not None and instance.module.covers(key):
            if value is None or value.file != key.file or value.start < key.start:
                return key
            return Span(
                file=key.file,
                line=key.line,
                column=key.column,
                end_line=value.end_line,
                end_column=value.end_column,
            )
    return instance.block.span


def _null_span(instance: Instance, null: Value) -> Span | None:
    """Where a person sets an argument that is `null`: in the caller's entry, if there is one."""
    module, entry = instance.module, instance_span(instance)
    if null.span is not None and module.is_called_from_outside(null.span):
        return null.span
    return entry if module.is_called_from_outside(entry) else null.span


def _items(value: Value | None) -> Sequence[Value]:
    return value.content.values if value is not None and isinstance(value.content, Items) else ()


def _listed(value: Value | None) -> Sequence[Value]:
    """The elements of a list, or the value itself when it is one, or not known."""
    if value is None:
        return ()
    return value.content.values if isinstance(value.content, Items) else (value,)


def _uncertain(instance: Instance) -> Unknown | None:
    """Why it is not known whether there is such an instance: a `count` or `for_each` is unknown."""
    keys = [instance.key]
    module = instance.module
    while module.call is not None:
        keys.append(module.call.key)
        module = module.call.parent
    unknown_key = next((key for key in keys if isinstance(key, UnknownContent)), None)
    if unknown_key is None:
        return None
    return Unknown(
        reason=unknown_key.reason, reference=unknown_key.reference, span=instance.block.span
    )


def _leaf(attribute: Known | Unknown) -> Json:
    return attribute.value if isinstance(attribute, Known) else attribute


def _two(first: str | Unknown, second: str | Unknown, sign: str) -> str | Unknown:
    if isinstance(first, Unknown):
        return first
    return second if isinstance(second, Unknown) else f"{first}{sign}{second}"


def _not_set(name: str, instance: Instance) -> Unknown:
    return Unknown(
        reason=f"the argument `{name}` is not set", reference=name, span=instance.block.span
    )
