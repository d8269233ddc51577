"""Plan, apply, read and import for every resource type; what differs by type is in `resources`."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

from . import schema
from .documents import is_same_json
from .problems import Problem
from .rules import configuration_problems
from .values import UNKNOWN, Schema, Values, conform, is_known

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .clients import AwsClients
    from .resources.kinds import ResourceType

KINDS = {
    "resource": "resource_schemas",
    "data": "data_source_schemas",
    "ephemeral": "ephemeral_resource_schemas",
}


class Engine:
    """One provider configuration: a schema and, once configured, an account."""

    def __init__(self, provider: str) -> None:
        self._provider = provider
        self._schema = schema.load(provider)
        self._clients: AwsClients | None = None
        self._account = ""
        self._default_tags: dict[str, str] = {}

    @property
    def clients(self) -> AwsClients:
        """The AWS clients of this configuration."""
        if self._clients is None:
            raise Problem("The provider is not configured")
        return self._clients

    @property
    def account(self) -> str:
        """The account that this configuration acts in."""
        return self._account

    def block(self, kind: str, type_name: str) -> Schema:
        """Return the schema block of a `resource`, `data` source or `ephemeral` resource."""
        return self._schema[KINDS[kind]][type_name]["block"]

    def resource(self, type_name: str) -> ResourceType:
        """Return the behaviour of a resource type."""
        from .resources import RESOURCES

        if type_name not in RESOURCES:
            raise Problem(
                f"{type_name}: the stand-in has the schema of this type but no behaviour for it"
            )
        return RESOURCES[type_name](self)

    def problems(self, kind: str, type_name: str, config: Values) -> Iterator[Problem]:
        """Say what is wrong with a configuration that fits the schema."""
        return configuration_problems(kind, type_name, config)

    def configure(self, config: Values) -> None:
        """Take on a provider block."""
        if self._provider == "time":
            return
        from .clients import configure

        self._clients, self._account = configure(config)
        for block in config.get("default_tags") or []:
            tags = block.get("tags")
            if tags and is_known(tags):
                self._default_tags = tags

    def plan(
        self, type_name: str, prior: Values | None, proposed: Values | None, config: Values
    ) -> tuple[object, list[str]]:
        """Return the planned state and the arguments whose change means replacement."""
        if proposed is None:
            return None, []
        resource, block = self.resource(type_name), self.block("resource", type_name)
        attributes = block["attributes"]
        planned = copy.deepcopy(proposed)
        for name, attribute in attributes.items():
            if attribute.get("write_only"):
                planned[name] = None
        self._fill_in(resource, block, planned)
        if prior is None:
            for name, attribute in attributes.items():
                if attribute.get("computed") and planned.get(name) is None:
                    planned[name] = UNKNOWN
            resource.plan(None, planned, config)
            return conform(block, planned), []
        for name in resource.json_attributes:
            if is_same_json(prior.get(name), planned.get(name)):
                planned[name] = prior[name]
        for name in resource.optional_blocks:
            if not planned.get(name) and not config.get(name):
                planned[name] = prior.get(name)
        resource.plan(prior, planned, config)
        sets = _set_names(block)
        changed = {
            name
            for name in planned
            if not _is_equal(prior.get(name), planned.get(name), is_set=name in sets)
        }
        return conform(block, planned), sorted(changed & schema.replacing_arguments(type_name))

    def apply(
        self, type_name: str, prior: Values | None, planned: Values | None, config: Values
    ) -> object:
        """Create, update or delete, and return the state that results."""
        from .clients import call_aws

        resource, block = self.resource(type_name), self.block("resource", type_name)
        if planned is None:
            assert prior is not None
            label = resource.label(prior)
            call_aws(f"deleting {type_name} ({label})", lambda: resource.delete(prior))
            return None
        new = copy.deepcopy(planned)
        if prior is None:
            call_aws(f"creating {type_name}", lambda: resource.create(new, config))
        else:
            call_aws(
                f"updating {type_name} ({resource.label(prior)})",
                lambda: resource.update(prior, new, config),
            )
        label = resource.label(new)
        found = call_aws(
            f"reading {type_name} ({label}) after apply", lambda: resource.read(copy.deepcopy(new))
        )
        # Where the plan had a word, that word stays: the core refuses anything else.
        for name in new:
            if not is_known(new[name]):
                value = (found or {}).get(name)
                new[name] = value if is_known(value) else None
        return conform(block, new)

    def read(self, type_name: str, state: Values) -> object:
        """Return the state as AWS has it now, None when the resource is gone."""
        from .clients import call_aws

        resource, block = self.resource(type_name), self.block("resource", type_name)
        old = copy.deepcopy(state)
        label = resource.label(state)
        new = call_aws(f"reading {type_name} ({label})", lambda: resource.read(state))
        if new is None:
            return None
        for name in resource.json_attributes:
            if is_same_json(old.get(name), new.get(name)):
                new[name] = old[name]
        if "tags_all" in block["attributes"]:
            new["tags"] = self._own_tags(old.get("tags"), new.get("tags_all"))
        return conform(block, new)

    def import_state(self, type_name: str, identifier: str) -> object:
        """Return the little that is known of a resource by its import id; Terraform reads the rest."""
        resource, block = self.resource(type_name), self.block("resource", type_name)
        state: Values = {
            name: value
            for name, value in resource.defaults.items()
            if name not in resource.defaults_not_imported
        }
        if "region" in block["attributes"]:
            name, separator, region = identifier.rpartition("@")
            identifier = name if separator else identifier
            state["region"] = region if separator else self.clients.region
        if "id" in block["attributes"]:
            state["id"] = identifier
        resource.start_import(state, identifier)
        return conform(block, state)

    def data(self, type_name: str, config: Values) -> object:
        """Answer a data source."""
        from .clients import call_aws
        from .resources import DATA_SOURCES

        if type_name not in DATA_SOURCES:
            raise Problem(
                f"{type_name}: the stand-in has the schema of this data source but no behaviour for it"
            )
        if "region" in self.block("data", type_name)["attributes"] and not config.get("region"):
            config = {**config, "region": self.clients.region}
        answer = call_aws(f"reading {type_name}", lambda: DATA_SOURCES[type_name](self, config))
        return conform(self.block("data", type_name), answer)

    def open(self, type_name: str, config: Values) -> object:
        """Answer an ephemeral resource."""
        from .clients import call_aws
        from .resources import EPHEMERAL

        if type_name not in EPHEMERAL:
            raise Problem(
                f"{type_name}: the stand-in has the schema of this type but no behaviour for it"
            )
        config = {**config, "region": config.get("region") or self.clients.region}
        answer = call_aws(f"opening {type_name}", lambda: EPHEMERAL[type_name](self, config))
        return conform(self.block("ephemeral", type_name), answer)

    def _fill_in(self, resource: ResourceType, block: Schema, planned: Values) -> None:
        """Put in what SDKv2 plans without being told: defaults, region, the merged tags."""
        for name, value in resource.defaults.items():
            if planned.get(name) is None:
                planned[name] = value
        for (name, inner), value in resource.block_defaults.items():
            nested = planned.get(name)
            for item in nested if isinstance(nested, list) else []:
                if item.get(inner) is None:
                    item[inner] = value
        if "region" in block["attributes"] and planned.get("region") is None and self._clients:
            planned["region"] = self._clients.region
        if "tags_all" in block["attributes"]:
            tags = planned.get("tags")
            planned["tags_all"] = (
                {**self._default_tags, **(tags or {})} if is_known(tags) else UNKNOWN
            )

    def _own_tags(self, old: object, found: object) -> object:
        """Return the tags that are the resource's own and not the provider's default tags."""
        before = old if isinstance(old, dict) else {}
        tags = found if isinstance(found, dict) else {}
        own = {
            key: value
            for key, value in tags.items()
            if self._default_tags.get(key) != value or key in before
        }
        return own or (old if not old else None)


def _set_names(block: Schema) -> frozenset[str]:
    names = {
        name
        for name, attribute in block["attributes"].items()
        if isinstance(attribute["type"], list) and attribute["type"][0] == "set"
    }
    nested = block.get("block_types", {})
    return frozenset(names | {n for n, b in nested.items() if b["nesting_mode"] == "set"})


def _is_equal(first: object, second: object, *, is_set: bool) -> bool:
    if not is_known(first) or not is_known(second):
        return False
    if is_set and isinstance(first, list) and isinstance(second, list):
        return sorted(map(repr, first)) == sorted(map(repr, second))
    empty = ([], None)
    return first == second or (first in empty and second in empty)
