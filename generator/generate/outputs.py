"""What a root tells other code."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from generator.generate.root_plan import RootPlan, literal
from generator.intent import addresses
from generator.model.topology import Topology
from generator.model.values import registry_host
from generator.render import Reference

if TYPE_CHECKING:
    from generator.render.literal import Value


def root_outputs(topology: Topology, plan: RootPlan) -> Iterator[dict[str, object]]:
    """The outputs of a root: for code beside it, and for the owners of roles."""
    account = topology.accounts[plan.account].id
    if plan.caches:
        caches: dict[str, Value] = {}
        for region in sorted({cache.region for cache in plan.caches}):
            entries: dict[str, Value] = {}
            for cache in plan.caches:
                if cache.region == region:
                    host = registry_host(region, account)
                    entries[str(cache.prefix)] = {
                        "upstream_host": cache.upstream_host,
                        "upstream_prefix": str(cache.upstream_prefix),
                        "url": host if cache.prefix.is_root else f"{host}/{cache.prefix}",
                    }
            caches[str(region)] = entries
        yield {
            "name": "caches",
            "arguments": {
                "description": "What is cached here, by region and repository prefix.",
                "value": caches,
            },
        }
    if plan.exported:
        yield {
            "name": "registry_policy_statements",
            "arguments": {
                "description": "Statements for the registry policy, by region: its owner adds them.",
                "value": {
                    str(region): literal(document["Statement"])
                    for region, document in plan.exported.items()
                    if isinstance(document, Mapping)
                },
            },
        }
    if plan.pullers:
        yield {
            "name": "puller_policy_arns",
            "arguments": {
                "description": "The policies of those who pull, by name: attach them to their roles.",
                "value": Reference(f"{addresses.PULLERS}.policy_arns"),
            },
        }
        yield {
            "name": "puller_policy_documents",
            "arguments": {
                "description": "The same policies as JSON, by name, for code that writes its own.",
                "value": Reference(f"{addresses.PULLERS}.policy_documents"),
            },
        }
