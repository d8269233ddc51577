"""Which KMS key an alias of the topology names, as `ListAliases` told it."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from generator.model.estate import Json
from generator.model.snapshot import Answer, Fact, Unit, items_of, text_of
from generator.model.topology import Topology
from generator.model.values import AccountId, Region, key_of_alias

KeyNames: TypeAlias = Mapping[str, str]
"""What stands for a key in the words of the topology, by each way in which AWS names the key."""


def key_names(units: Iterable[Unit], topology: Topology | None) -> Mapping[AccountId, KeyNames]:
    """The keys of each account that have an alias, in all its regions: roles are in none of them.

    With a topology only the aliases count that it names. Where it names two of one key, the key keeps its
    own name: which of them is meant at a place, nothing tells.
    """
    wanted = None if topology is None else _wanted_aliases(topology)
    found: dict[AccountId, dict[str, str]] = {}
    for unit in units:
        aliases: dict[str, list[str]] = {}
        for alias in items_of(unit.facts.get((Fact.ALIASES, ""))):
            if key := text_of(alias, "TargetKeyId"):
                aliases.setdefault(key, []).append(text_of(alias, "AliasName"))
        for key, some in aliases.items():
            assert unit.region is not None  # noqa: S101 - KMS is asked by region
            place = (unit.account, unit.region)
            names = [name for name in some if wanted is None or (*place, name) in wanted]
            if not names or (wanted is not None and len(names) > 1):
                continue
            name = key_of_alias(unit.region, unit.account, min(names))
            arn = f"arn:{unit.region.aws_partition.id}:kms:{unit.region}:{unit.account}:key/{key}"
            found.setdefault(unit.account, {})[arn] = name
    return found


def _wanted_aliases(topology: Topology) -> frozenset[tuple[AccountId, Region, str]]:
    return frozenset(
        (topology.accounts[placed.account].id, placed.region, placed.kms_alias)
        for placed in topology.templates
        if placed.kms_alias is not None
    )


def with_key_names(answer: Answer, names: KeyNames) -> Json:
    """The answer with keys named by the alias that the topology knows them by."""
    match answer:
        case str():
            return names.get(answer, answer)
        case tuple():
            return tuple(with_key_names(item, names) for item in answer)
        case Mapping():
            return {name: with_key_names(item, names) for name, item in answer.items()}
        case _:
            return answer
