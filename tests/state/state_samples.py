"""Plans and states as `terraform show -json` prints them, made for one test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from generator.model.reading import Reading, Source
from generator.state import StateFile, read_state_files

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MAIN, SHOP = "111122223333", "222233334444"
RULE, ROLE = "aws_ecr_pull_through_cache_rule", "aws_iam_role"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One resource of a plan or state."""

    type: str
    name: str
    values: Mapping[str, object]
    unknown: Mapping[str, object] | None = None
    sensitive: Mapping[str, object] | None = None
    actions: tuple[str, ...] = ("create",)
    provider: str = "aws"
    written: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """The resource address."""
        return f"{self.type}.{self.name}"

    @property
    def content(self) -> dict[str, object]:
        """The resource among the values."""
        return {
            "address": self.address,
            "mode": "managed",
            "type": self.type,
            "name": self.name,
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "values": self.values,
            "sensitive_values": self.sensitive or {},
        }


def quay(**values: object) -> Sample:
    """A cache rule, as a plan has it."""
    return Sample(
        type=RULE,
        name="quay",
        values={
            "ecr_repository_prefix": "quay",
            "upstream_registry_url": "quay.io",
            "upstream_repository_prefix": "ROOT",
            "region": "eu-west-1",
            "credential_arn": None,
            "custom_role_arn": None,
            **values,
        },
    )


def provider(**expressions: object) -> dict[str, object]:
    """A provider configuration, with its expressions."""
    return {"name": "aws", "expressions": expressions}


def literal(value: object) -> dict[str, object]:
    """An expression that is a constant."""
    return {"constant_value": value}


IN_MAIN = {"aws": provider(allowed_account_ids=literal([MAIN]), region=literal("eu-west-1"))}


def plan(
    resources: Sequence[Sample],
    *,
    providers: Mapping[str, object] = IN_MAIN,
    **more: object,
) -> dict[str, object]:
    """A plan of a root module with these resources."""
    return {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [one.content for one in resources]}},
        "resource_changes": [
            {
                "address": one.address,
                "type": one.type,
                "mode": "managed",
                "change": {"actions": list(one.actions), "after_unknown": one.unknown or {}},
            }
            for one in resources
        ],
        "configuration": {
            "provider_config": dict(providers),
            "root_module": {
                "resources": [
                    {
                        "address": one.address,
                        "provider_config_key": one.provider,
                        "expressions": {name: {} for name in (*one.values, *one.written)},
                    }
                    for one in resources
                ]
            },
        },
        "complete": True,
        **more,
    }


def state(resources: Sequence[Sample]) -> dict[str, object]:
    """A state of a root module with these resources."""
    return {
        "format_version": "1.0",
        "values": {"root_module": {"resources": [one.content for one in resources]}},
    }


def read(*documents: Mapping[str, object] | bytes, source: Source = Source.PLAN) -> Reading:
    """What the documents say, each in a file of its own."""
    files = [
        StateFile(
            file=Path(f"{source}-{number}.json"),
            content=document if isinstance(document, bytes) else json.dumps(document).encode(),
        )
        for number, document in enumerate(documents)
    ]
    return read_state_files(files, source)
