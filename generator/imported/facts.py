"""What the code certainly says about caches, secrets, templates and roles, before it is put into words."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.estate.resources.shapes import GENERATED, secret_name
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
from generator.model.levels import PULL_THROUGH_SERVICE
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

    `words` are what the code calls accounts.
    """

    estate: Estate
    statement_span: Callable[[Record, int, str], Span | None]
    source: Source = Source.CODE
    names: Mapping[AccountId, str] = field(default_factory=dict)
    words: Mapping[AccountId, str] = field(default_factory=dict)

    @property
    def is_live(self) -> bool:
        """Whether AWS itself was read: then no code is known that makes any of it."""
        return self.source is Source.LIVE

    @cached_property
    def records(self) -> Mapping[Identity, Record]:
        """The first record of each identity, of those that certainly exist."""
        found: dict[Identity, Record] = {}
        for record in self.estate.records:
            identity = record.identity
            if identity is not None and record.uncertain is None:
                found.setdefault(identity, record)
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


def unknown_notes(estate: Estate) -> Iterator[Note]:
    """What cannot be placed: one note for each record whose account, region or key is not known."""
    for record in estate.records:
        if not _matters(record):
            continue
        doubt = record.uncertain or next(
            (
                part
                for part in (record.account, record.region, record.key)
                if isinstance(part, Unknown)
            ),
            None,
        )
        if doubt is None:
            continue
        yield Note(
            title=f"Cannot tell where the {record.kind.value} `{record.address}` belongs",
            message=(
                f"`{record.address}` is left out: {doubt.reason} (`{doubt.reference}`). "
                f"{_remedy(record)}"
            ),
            subject=f"{record.root} {record.address}",
            address=record.address,
            location=record.span,
        )


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


def _matters(record: Record) -> bool:
    if record.kind is Kind.SECRET:
        return not isinstance(record.key, str) or record.key.startswith(SECRET_PREFIX)
    if record.kind is Kind.ACCOUNT_SETTING:
        return record.key == SCOPE_SETTING or isinstance(record.key, Unknown)
    if record.kind is Kind.ROLE:
        trust = record.get("assume_role_policy")
        return isinstance(trust, Known) and PULL_THROUGH_SERVICE in as_json(trust.value)
    return record.kind in REGISTRY_KINDS


def _remedy(record: Record) -> str:
    folder = record.root or "."
    if isinstance(record.account, Unknown):
        return (
            f"Say whose folder it is with `--account '{folder}=ACCOUNT_ID'`, or write "
            "`allowed_account_ids` into its provider block."
        )
    if isinstance(record.region, Unknown):
        return (
            f"Say where it acts with `--region '{folder}=REGION'`, to `drift` and `check` as well, or write "
            "`region` into its provider block."
        )
    return (
        "Give its variables with `--var` or `--var-file`, or write it so that it can be evaluated."
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
