"""The README of a root: what is there, how to apply it, what to supply."""

from generator.export.show import assumed_role, pull_uri
from generator.generate.places import exported_file
from generator.generate.readme_facts import needed_before, policies_of_pullers, pulls_elsewhere
from generator.generate.root_plan import RootPlan, supplied_variables, upstream_text
from generator.intent.handover import HANDOVER_FOLDER, folder_of
from generator.map.graph import graph_of
from generator.map.mermaid import mermaid
from generator.model.terraform_settings import ProviderBlock
from generator.model.topology import Credential, CredentialValue, RegistryPolicyMode, Topology
from generator.model.values import Region, fill_placeholders, registry_host
from generator.render import Text, render

README = "README.md"
"""How the file is named."""


def readme_file(topology: Topology, plan: RootPlan) -> str:
    """The README of a root."""
    account = topology.accounts[plan.account]
    return render(
        "root/README.md.j2",
        {
            "account": account.name,
            "account_id": str(account.id),
            "caches": [
                {
                    "region": str(cache.region),
                    "here": cache.prefix.repositories,
                    "there": f"{upstream_text(cache)}/*",
                }
                for cache in plan.caches
            ],
            "picture": _picture(topology, plan.account),
            "is_provider_written": topology.terraform.provider is ProviderBlock.GENERATE,
            "provider": {"region": str(plan.region), "allowed_account_ids": [str(account.id)]},
            "tags": dict(sorted(topology.tags.items())),
            "backend": None
            if topology.terraform.backend is None
            else topology.terraform.backend.type,
            "role": assumed_role(topology, plan.account),
            "others": ", ".join(
                name for name in _other_registries(plan) if name in topology.managed_accounts
            ),
            "owners": [
                {
                    "name": name,
                    "folder": f"{HANDOVER_FOLDER}/{folder_of(topology, name)}",
                }
                for name in _other_registries(plan)
                if name not in topology.managed_accounts
            ],
            "hosts": [
                {
                    "region": str(region),
                    "name": registry_host(region, account.id),
                    "uris": [
                        pull_uri(topology, cache) for cache in plan.caches if cache.region == region
                    ],
                }
                for region in sorted({cache.region for cache in plan.caches})
            ],
            "needed": needed_before(topology, plan),
            "scope_regions": [
                {"region": str(region)}
                for region in plan.statements
                if account.registry_policy is not RegistryPolicyMode.EXPORT
            ],
            "pullers": policies_of_pullers(topology, plan),
            "elsewhere": pulls_elsewhere(topology, plan.account),
            "keys": [
                {"region": str(region), "name": alias}
                for region, alias in sorted(
                    {
                        (placed.region, placed.kms_alias)
                        for placed in plan.templates
                        if placed.kms_alias is not None
                    }
                )
            ],
            "adopted": [
                {"region": str(region)}
                for region in plan.statements
                if account.registry_policy is RegistryPolicyMode.ADOPT
            ],
            "exported": [
                {"region": str(region), "file": exported_file(region)} for region in plan.exported
            ],
            "secrets": [
                {"region": str(region), "name": name}
                for region, name, credential in plan.secrets
                if credential.value is CredentialValue.PLACEHOLDER
            ],
            "variables": [
                {"name": name, "secrets": [secret_text(*secret) for secret in secrets]}
                for name, secrets in supplied_variables(plan).items()
            ],
            "copies": [
                {
                    "secret": secret_text(region, name, credential),
                    "source": fill_placeholders(
                        credential.copy_of, account=account.id, region=region
                    ),
                }
                for region, name, credential in plan.secrets
                if credential.copy_of is not None
            ],
        },
    )


def _picture(topology: Topology, account: str) -> Text | None:
    """The account's part of the topology as Mermaid, which escapes whatever is in it."""
    graph = graph_of(topology, account)
    return Text(mermaid(graph).rstrip("\n")) if graph.edges else None


def _other_registries(plan: RootPlan) -> list[str]:
    """The other accounts whose registries the root's caches read from, sorted."""
    accounts = {cache.upstream_account for cache in plan.caches} - {plan.account}
    return sorted(account for account in accounts if account is not None)


def secret_text(region: Region, name: str, credential: Credential) -> str:
    """A secret as the README names it."""
    expires = f" (expires {credential.expires})" if credential.expires is not None else ""
    return f"{name} in {region}{expires}"
