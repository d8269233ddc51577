"""What the code certainly says about caches, secrets, templates and roles, before it is put into words."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from generator.estate.resources.shapes import GENERATED, secret_name
from generator.estate.wording import EMPTY_BY_DEFAULT, NO_VALUE
from generator.imported.names import slug
from generator.imported.notes import Note
from generator.model.estate import (
    Attribute,
    Estate,
    Identity,
    Json,
    Kind,
    Known,
    Link,
    Record,
    Unknown,
)
from generator.model.reading import Source
from generator.model.span import Span
from generator.model.upstreams import SECRET_PREFIX
from generator.model.values import ROOT, AccountId, Region

REGISTRY_KINDS = frozenset(
    {Kind.CACHE_RULE, Kind.CREATION_TEMPLATE, Kind.REGISTRY_POLICY, Kind.ACCOUNT_SETTING}
)
"""The kinds that stand in one registry each and that a topology is about."""

_NO_END = "0" * len(GENERATED)

SCOPE_SETTING = "REGISTRY_POLICY_SCOPE"
"""The account setting that makes a registry policy govern pulls."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Registry:
    """One private registry."""

    account: AccountId
    region: Region


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The records that are certain, by what they are about; `names` are accounts that a person named.

    `words` are what the code calls accounts, `off_by_default` what it makes only with other values of its
    variables.
    """

    estate: Estate
    statement_span: Callable[[Record, int, str], Span | None]
    source: Source = Source.CODE
    names: Mapping[AccountId, str] = field(default_factory=dict)
    words: Mapping[AccountId, str] = field(default_factory=dict)
    off_by_default: Sequence[Record] = ()

    @property
    def is_live(self) -> bool:
        """Whether AWS itself was read: then no code is known that makes any of it."""
        return self.source is Source.LIVE

    @cached_property
    def records(self) -> Mapping[Identity, Record]:
        """The first record of each identity, of those that certainly exist and those that are kept."""
        found: dict[Identity, Record] = {}
        for record in self.estate.records:
            identity = record.identity
            if identity is not None and record.uncertain is None:
                found.setdefault(identity, record)
        for record in self.estate.records:
            if record.identity is not None and is_kept(record):
                found.setdefault(record.identity, record)
        return found

    def of(self, kind: Kind) -> Iterator[tuple[Identity, Record]]:
        """The certain records of a kind, in the order of their identities."""
        found = [pair for pair in self.records.items() if pair[0].kind is kind]
        yield from sorted(found, key=lambda pair: _order(pair[0]))

    def in_registries(self, kind: Kind) -> Iterator[tuple[Registry, str, Record]]:
        """The certain records of a regional kind: registry, key, record."""
        for identity, record in self.of(kind):
            if identity.region is not None:
                registry = Registry(account=identity.account, region=identity.region)
                yield registry, identity.key, record

    def find(
        self, kind: Kind, account: AccountId, region: Region | None, key: str
    ) -> Record | None:
        """The certain record of an identity, if there is one."""
        return self.records.get(Identity(kind=kind, account=account, region=region, key=key))

    @cached_property
    def registries(self) -> frozenset[Registry]:
        """Every registry in which the code makes anything that a topology is about."""
        return frozenset(
            Registry(account=identity.account, region=identity.region)
            for identity in self.records
            if identity.region is not None and is_asked(identity)
        )


def is_asked(identity: Identity) -> bool:
    """Whether a topology has words for a record of this identity."""
    match identity.kind:
        case Kind.ACCOUNT_SETTING:
            return identity.key == SCOPE_SETTING
        case Kind.SECRET:
            return identity.key.startswith(SECRET_PREFIX)
        case kind:
            return kind in REGISTRY_KINDS


def can_be_given(doubt: Unknown) -> bool:
    """Whether an option tells what is not known: the value of a variable, or the workspace."""
    return doubt.reference == "terraform.workspace" or (
        doubt.reference.startswith("var.") and doubt.reason in (NO_VALUE, EMPTY_BY_DEFAULT)
    )


def is_kept(record: Record) -> bool:
    """Whether a cache rule is put into words although nobody can say whether it is there."""
    doubt = record.uncertain
    return record.kind is Kind.CACHE_RULE and doubt is not None and not can_be_given(doubt)


def told_notes(estate: Estate) -> Iterator[Note]:
    """One note for each root whose account is told by an ARN in it and by nothing else."""
    for root in estate.roots:
        if not root.why_account or root.why_account.startswith("`--account`"):
            continue
        folder = root.name or "."
        yield Note(
            title=f"The folder `{folder}` is taken to act in {root.account}",
            message=(
                f"No provider block of it says the account, but {root.why_account}. Where that is wrong, "
                f"say whose it is with `--account '{folder}=ACCOUNT_ID'`."
            ),
            subject=f"account of {folder}",
            location=root.first_file,
            is_lost=False,
        )


def _order(identity: Identity) -> tuple[str, str, str]:
    return identity.account, identity.region or "", identity.key


def known_text(attribute: Attribute) -> str | None:
    """The text of an attribute that is certainly one."""
    if isinstance(attribute, Known) and isinstance(attribute.value, str):
        return attribute.value
    return None


def upstream_prefix_of(rule: Record) -> str | None:
    """The upstream prefix of a cache rule, `None` while it is not known."""
    value = rule.get("upstream_repository_prefix")
    if isinstance(value, Unknown) or (
        isinstance(value, Known) and isinstance(value.value, Unknown)
    ):
        return None
    return (known_text(value) or ROOT).removesuffix("/") or ROOT


def role_named(attribute: Attribute) -> str | None:
    """The role, as `path/name`, that a link or an ARN names."""
    if isinstance(attribute, Link):
        return attribute.target.key if attribute.target.kind is Kind.ROLE else None
    found = re.fullmatch(r"arn:[a-z-]+:iam::[0-9]{12}:role/(.+)", known_text(attribute) or "")
    return found[1] if found is not None else None


def with_an_end(role: str) -> str:
    """A role's name with an end that no real one has, where AWS makes up the end.

    It is as long as what Terraform would make, and it is to be replaced by the role's own name.
    """
    return role.removesuffix(GENERATED) + _NO_END if role.endswith(GENERATED) else role


def unknown_in(attribute: Attribute) -> Unknown | None:
    """Why the whole of an attribute is not known, `None` where it is."""
    if isinstance(attribute, Unknown):
        return attribute
    if isinstance(attribute, Known) and isinstance(attribute.value, Unknown):
        return attribute.value
    return None


_SAYS_NOTHING = frozenset({"arn", "default", "id", "main", "name", "role", "this"})


def role_to_begin_with(doubt: Unknown, prefix: str) -> str:
    """A name for a role that is not known, in the code's own word for it where it has one."""
    words = re.sub(r"\[[^]]*\]", "", doubt.reference).split(".")
    own = [word for word in words[1:] if word not in _SAYS_NOTHING and word.isidentifier()]
    return slug(own[-1]) if own else f"{slug(prefix)}-role"


def secret_named(attribute: Attribute, registry: Registry) -> str | None:
    """The name of the secret, in the same account and region, that a link or an ARN names."""
    if isinstance(attribute, Link):
        target = attribute.target
        is_here = (target.account, target.region) == (registry.account, registry.region)
        return target.key if target.kind is Kind.SECRET and is_here else None
    arn = known_text(attribute) or ""
    words = arn.split(":", 6)
    if len(words) != 7 or words[2:5] != ["secretsmanager", registry.region, registry.account]:
        return None
    return secret_name(arn)


def as_json(value: Json) -> str:
    """A value as JSON in one spelling; what is not known is `null`."""

    def plain(item: object) -> object:
        return dict(item) if isinstance(item, Mapping) else None

    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=plain)
