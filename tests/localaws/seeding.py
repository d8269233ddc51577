"""Fill the local AWS with what a topology asks for, as if its code had been applied.

Records go straight into moto's state: thousands of them take a second, where API calls would take a minute.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import TYPE_CHECKING
from uuid import uuid4

from moto.iam.models import IAMBackend, iam_backends
from moto.kms.models import kms_backends
from moto.secretsmanager.models import secretsmanager_backends

from generator.intent.records import intend
from generator.model.estate import Attribute, Json, Kind, Known, Link, Record
from generator.model.levels import PULL_THROUGH_SERVICE, TEMPLATE_SERVICE
from generator.model.topology import CredentialValue, Topology
from generator.model.values import ALIAS, Region
from generator.topology import read_topology

from . import ecr

if TYPE_CHECKING:
    from pathlib import Path

TURNS = [
    Kind.SECRET,
    Kind.SECRET_VERSION,
    Kind.ROLE,
    Kind.ROLE_POLICY,
    Kind.MANAGED_POLICY,
    Kind.ATTACHMENT,
]


def trust_of(service: str) -> dict[str, object]:
    """The trust policy of a role that a service assumes."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


TRUST = trust_of("ec2.amazonaws.com")


def seed_topology(path: Path) -> None:
    """Put every intended record into its account, and first what the topology says exists already."""
    reading = read_topology(path)
    if reading.topology is None:
        raise ValueError(f"{path} has mistakes: {reading.findings}")
    Seeding(reading.topology).fill()


class Seeding:
    """One topology that is put into the local AWS."""

    def __init__(self, topology: Topology) -> None:
        self._topology = topology
        self._partitions = {
            account.id: account.regions[0].aws_partition.id
            for account in topology.accounts.values()
        }
        self._secrets: dict[tuple[str, str, str], str] = {}
        self._keys: dict[str, str] = {}

    def fill(self) -> None:
        """Make everything, what others name before those who name it."""
        for cache in self._topology.caches:
            account = self._topology.accounts[cache.account]
            if (
                cache.credential is not None
                and cache.credential.value is CredentialValue.EXISTING
                and account.is_managed
            ):
                self._secret(account.id, cache.region, cache.credential.secret, ())
            if cache.named_role is not None:
                self._role(account.id, cache.named_role, trust_of(PULL_THROUGH_SERVICE))
        for placed in self._topology.templates:
            account = self._topology.accounts[placed.account]
            if placed.template.role is not None:
                self._role(account.id, placed.template.role, trust_of(TEMPLATE_SERVICE))
            if placed.kms_alias is not None:
                self._alias(account.id, placed.region, placed.kms_alias)
        records = intend(self._topology).records
        for record in sorted(
            records, key=lambda one: TURNS.index(one.kind) if one.kind in TURNS else len(TURNS)
        ):
            self._put(record)

    def _iam(self, account: str) -> IAMBackend:
        return iam_backends[account][self._partitions[account]]

    def _put(self, record: Record) -> None:
        account, key = str(record.account), str(record.key)
        path, _, name = f"/{key}".rpartition("/")
        match record.kind:
            case Kind.SECRET:
                self._secret(account, str(record.region), key, ())
            case Kind.SECRET_VERSION:
                stages = _value(record, "version_stages")
                assert isinstance(record.region, Region)
                own = [str(stage) for stage in stages or () if not str(stage).startswith("AWS")]
                self._secret(account, record.region, key, own)
            case Kind.ROLE:
                self._role(account, key, _value(record, "assume_role_policy"), record)
            case Kind.ROLE_POLICY:
                role, _, policy = key.partition(":")
                document = self._document(_value(record, "policy"))
                self._iam(account).put_role_policy(role.rpartition("/")[2], policy, document)
            case Kind.MANAGED_POLICY:
                document = self._document(_value(record, "policy"))
                self._iam(account).create_policy("", f"{path}/", document, name, [])
            case Kind.ATTACHMENT:
                role, _, policy = key.partition(":")
                self._role(account, self._attached_role(role), TRUST)
                arn = f"arn:{self._partitions[account]}:iam::{account}:policy/{policy}"
                self._iam(account).attach_role_policy(arn, role)
            case Kind.CACHE_RULE:
                ecr.create_rule(self._caller(record), self._rule(record))
            case Kind.CREATION_TEMPLATE:
                ecr.create_template(self._caller(record), self._template(record))
            case Kind.ACCOUNT_SETTING:
                self._caller(record).settings[key] = str(_value(record, "value"))
            case Kind.REGISTRY_POLICY:
                self._caller(record).put_policy(self._document(_value(record, "policy")))
            case _:
                raise ValueError(f"nothing makes a {record.kind}")

    def _attached_role(self, name: str) -> str:
        """The role of that name with its path, as the consumer that has the policy writes it."""
        return next(
            consumer.role
            for consumer in (grant.consumer for grant in self._topology.grants)
            if consumer.role is not None and consumer.role.rpartition("/")[2] == name
        )

    def _caller(self, record: Record) -> ecr.Caller:
        place = SimpleNamespace(
            current_account=str(record.account),
            region=str(record.region),
            partition=self._partitions[str(record.account)],
        )
        return ecr.Caller(place)

    def _rule(self, record: Record) -> ecr.Document:
        return {
            "ecrRepositoryPrefix": str(record.key),
            "upstreamRegistryUrl": _value(record, "upstream_registry_url"),
            "upstreamRepositoryPrefix": _value(record, "upstream_repository_prefix"),
            **self._links(record),
        }

    def _template(self, record: Record) -> ecr.Document:
        tags = _value(record, "resource_tags")
        documents = {
            member: self._document(document)
            for member, argument in (
                ("lifecyclePolicy", "lifecycle_policy"),
                ("repositoryPolicy", "repository_policy"),
            )
            if (document := _value(record, argument)) is not None
        }
        encryption = _value(record, "encryption_configuration")
        assert isinstance(encryption, tuple)
        assert isinstance(encryption[0], Mapping)
        kind, key = encryption[0]["encryption_type"], encryption[0].get("kms_key")
        kms = {"kmsKey": self._keys.get(str(key), str(key))} if key else {}
        filters = _value(record, "image_tag_mutability_exclusion_filter") or ()
        assert isinstance(filters, tuple)
        exclusions = [
            {"filter": one["filter"], "filterType": one["filter_type"]}
            for one in filters
            if isinstance(one, Mapping)
        ]
        return {
            "prefix": str(record.key),
            **({"imageTagMutabilityExclusionFilters": exclusions} if exclusions else {}),
            "appliedFor": list(_value(record, "applied_for") or ()),
            "imageTagMutability": _value(record, "image_tag_mutability"),
            "encryptionConfiguration": {"encryptionType": kind, **kms},
            "resourceTags": [{"Key": name, "Value": value} for name, value in tags.items()]
            if isinstance(tags, Mapping)
            else [],
            **documents,
            **self._links(record),
        }

    def _links(self, record: Record) -> ecr.Document:
        found: ecr.Document = {}
        credential, role = record.get("credential_arn"), record.get("custom_role_arn")
        if isinstance(credential, Link):
            target = credential.target
            place = (target.account, str(target.region), target.key)
            found["credentialArn"] = self._secrets[place]
        if isinstance(role, Link):
            partition = self._partitions[role.target.account]
            found["customRoleArn"] = (
                f"arn:{partition}:iam::{role.target.account}:role/{role.target.key}"
            )
        return found

    def _secret(self, account: str, region: str, name: str, labels: object) -> None:
        backend = secretsmanager_backends[account][region]
        if (account, region, name) not in self._secrets:
            made = backend.create_secret(
                name, '{"username":"u","accessToken":"t"}', None, None, None, None, None, [], False
            )
            self._secrets[account, region, name] = json.loads(made)["ARN"]
        assert isinstance(labels, tuple | list)
        version = next(iter(backend.secrets[name].versions.values()))
        version["version_stages"].extend(labels)
        if labels:
            # Somebody has put the token in since; what Terraform wrote keeps its own label.
            secret = '{"username":"u","accessToken":"real"}'
            backend.put_secret_value(name, secret, None, str(uuid4()), ["AWSCURRENT"])
            version["version_stages"] = ["AWSPREVIOUS", *labels]

    def _role(self, account: str, key: str, trust: object, record: Record | None = None) -> None:
        path, _, name = f"/{key}".rpartition("/")
        iam = self._iam(account)
        if any(role.name == name for role in iam.roles.values()):
            return
        boundary = None if record is None else _value(record, "permissions_boundary")
        iam.create_role(name, json.dumps(_plain(trust)), f"{path}/", None, "", [], 3600)
        if boundary is not None:
            iam.get_role(name).permissions_boundary_arn = str(boundary)

    def _alias(self, account: str, region: Region, alias: str) -> None:
        backend = kms_backends[account][region]
        key = backend.create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", [], False)
        backend.create_alias(key.id, alias)
        head = f"arn:{region.aws_partition.id}:kms:{region}:{account}:key/"
        assert alias.startswith(ALIAS)
        self._keys[head + alias] = head + key.id

    def _document(self, document: object) -> str:
        text = json.dumps(_plain(document))
        for alias, key in self._keys.items():
            text = text.replace(alias, key)
        return text


def _value(record: Record, name: str) -> Json:
    attribute: Attribute = record.get(name)
    return attribute.value if isinstance(attribute, Known) else None


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple | list) else value
