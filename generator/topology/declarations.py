"""The parts of a topology as they are declared: typed, names not looked up yet.

`None` stands for what is absent; a part with mistakes says so with `is_whole`, so that later checks
do not complain about the consequences of a mistake that is noted already.
"""

from collections.abc import Mapping

from generator.frozen_data import frozen
from generator.model.levels import Level
from generator.model.terraform_settings import TerraformSettings
from generator.model.topology import (
    CreationTemplate,
    Credential,
    Expectation,
    KeptStatements,
    RegistryPolicyMode,
)
from generator.model.upstreams import UpstreamRegistry
from generator.model.values import AccountId, Prefix, Region
from generator.topology.consumers import ConsumerEntry, PlacedConsumer
from generator.topology.contents import Entries, Text
from generator.topology.defaults import DefaultsEntry
from generator.topology.mistakes import Place
from generator.topology.organization import OrganizationEntry


@frozen
class PlacedRegion:
    """A region and where it is written."""

    region: Region
    place: Place


@frozen
class AccountEntry:
    """An account; `regions` is `None` while a mistake keeps them unknown; `unit` is a name."""

    name: str
    place: Place
    id: AccountId | None
    regions: tuple[Region, ...] | None
    registry_policy: RegistryPolicyMode | None
    is_policy_decided: bool
    kept: KeptStatements | None = None
    unit: Text | None = None
    is_managed: bool = True
    code_folders: tuple[Text, ...] = ()
    policy_place: Place | None = None


@frozen
class TemplateEntry:
    """A declared template; `template` is `None` after a mistake.

    `kms_keys` are the aliases or ARNs of its keys by region, or one for every region under `None`.
    """

    name: str
    place: Place
    template: CreationTemplate | None
    mutability_place: Place
    kms_keys: Mapping[str | None, Text]
    kms_place: Place | None


@frozen
class PrefixTemplate:
    """A template that a set gives to a prefix; `name` may be `none`."""

    prefix: Prefix
    name: Text


@frozen
class UpstreamEntry:
    """An upstream, declared or built in (then `place` is `None`); `region` `None` means `same`.

    `account` is a name, or the id of an account outside the topology, written at
    `account_id_place`.
    """

    name: str
    place: Place | None
    registry: UpstreamRegistry | None
    host: str | None
    account: str | None
    region: PlacedRegion | None
    role: str | None = None
    account_id_place: Place | None = None
    credential: Credential | None
    is_credential_known: bool
    is_whole: bool


@frozen
class CacheEntry:
    """A cache of a set; `upstream` is the name that was written or that the prefix stands for."""

    prefix: Prefix
    place: Place
    upstream: Text
    upstream_prefix: Prefix
    credential: Credential | None
    credential_place: Place | None
    creation_template: Text | None
    is_template_known: bool
    regions: tuple[PlacedRegion, ...] | None
    is_whole: bool


@frozen
class GrantEntry:
    """A grant of a set; without `caches` and `repositories` it covers all caches but ROOT."""

    place: Place
    targets: tuple[PlacedConsumer, ...]
    level: Level | None
    caches: tuple[Text, ...] | None
    repositories: tuple[Text, ...] | None
    regions: tuple[PlacedRegion, ...] | None
    is_whole: bool


@frozen
class SetEntry:
    """A set of registries; `accounts` is `None` when a mistake keeps them unknown.

    `selected_from` says in words where they are selected from; `None` when each is named.
    """

    name: str
    place: Place
    accounts: tuple[str, ...] | None
    selected_from: str | None
    regions: tuple[PlacedRegion, ...] | None
    are_regions_known: bool
    credential: Credential | None
    credential_place: Place | None
    caches: tuple[CacheEntry, ...]
    cache_keys: frozenset[str] | None
    templates: tuple[PrefixTemplate, ...]
    grants: tuple[GrantEntry, ...]


@frozen
class Declarations:
    """Everything that a topology file declares; nothing is known of the `unknown_sections`."""

    place: Place
    organization: OrganizationEntry | None
    accounts: Mapping[str, AccountEntry]
    upstreams: Mapping[str, UpstreamEntry]
    templates: Mapping[str, TemplateEntry]
    default_template: Text | None
    consumers: Mapping[str, ConsumerEntry]
    sets: tuple[SetEntry, ...]
    expectations: Mapping[str, Expectation]
    name_prefix: str
    defaults: DefaultsEntry
    settle: str
    terraform: TerraformSettings
    terraform_entries: Entries | None
    unknown_sections: frozenset[str]
