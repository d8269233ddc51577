"""The root module of one account: what it holds, and then its files."""

import json
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from generator.generate.access_calls import (
    access_call,
    import_block,
    pullers_call,
    template_role_call,
    upstream_access_call,
)
from generator.generate.cache_calls import caches_call, credentials_call
from generator.generate.outputs import root_outputs
from generator.generate.places import MODULES_FOLDER, exported_file
from generator.generate.root_plan import (
    RootPlan,
    aliases_of_keys,
    copied_sources,
    empty_plans,
    supplied_variables,
    upstream_text,
)
from generator.generate.settings import providers_file, terraform_file
from generator.intent.registry_policies import is_exported, registry_policy_document
from generator.model.filetree import CacheLine, RootFiles
from generator.model.terraform_settings import ProviderBlock
from generator.model.topology import RegistryPolicyMode, Topology
from generator.render import render


def root_plans(topology: Topology) -> Iterator[RootPlan]:
    """What the root of each account has to hold; accounts that need nothing have none."""
    for plan in empty_plans(topology):
        _add_calls(topology, plan)
        if plan.calls or plan.exported:
            yield plan


def _add_calls(topology: Topology, plan: RootPlan) -> None:
    account = plan.account
    regions = {cache.region for cache in plan.caches} | {each.region for each in plan.templates}
    for region in sorted(regions):
        if any(where == region for where, _, _ in plan.secrets):
            plan.calls.append(credentials_call(topology, plan, region))
        plan.calls.append(caches_call(topology, plan, region))
    for region, statements in plan.statements.items():
        if is_exported(topology, account):
            plan.exported[region] = registry_policy_document(topology, account, region, statements)
            continue
        plan.calls.append(access_call(topology, account, region, statements))
        if topology.accounts[account].registry_policy is RegistryPolicyMode.ADOPT:
            plan.imports.append(import_block(topology, account, region, plan.region))
    if plan.upstream_role is not None:
        plan.calls.append(upstream_access_call(topology, plan.upstream_role))
    if plan.template_role is not None:
        plan.calls.append(template_role_call(topology, plan.template_role))
    if plan.pullers:
        plan.calls.append(pullers_call(topology, plan.account, plan.region, plan.pullers))


def root_files(
    topology: Topology, plan: RootPlan, more: Mapping[str, str] | None = None
) -> RootFiles:
    """The files of a root: its code, and `more`."""
    account = topology.accounts[plan.account]
    folder = topology.folder(plan.account)
    files = {
        "terraform.tf": terraform_file(topology, plan),
        **(more or {}),
    }
    if topology.terraform.provider is ProviderBlock.GENERATE:
        files["providers.tf"] = providers_file(topology, plan)
    for file in ("main.tf", "access.tf"):
        calls = [
            {
                "name": call.name,
                "source": _source(topology, folder, call.module),
                "arguments": call.arguments,
            }
            for call in plan.calls
            if call.file == file
        ]
        if calls:
            imports = plan.imports if file == "access.tf" else []
            files[file] = render("root/modules.tf.j2", {"calls": calls, "imports": imports})
    for region, document in plan.exported.items():
        text = json.dumps(document, indent=2, ensure_ascii=False)
        files[exported_file(region)] = f"{text}\n"
    if sources := copied_sources(topology, plan):
        files["sources.tf"] = render("root/sources.tf.j2", {"sources": sources})
    if aliases := aliases_of_keys(plan):
        files["keys.tf"] = render("root/keys.tf.j2", {"aliases": aliases})
    if supplied_variables(plan):
        files["variables.tf"] = variables_file(plan)
    outputs = list(root_outputs(topology, plan))
    if outputs:
        files["outputs.tf"] = render("root/outputs.tf.j2", {"outputs": outputs})
    return RootFiles(
        account=plan.account,
        account_id=account.id,
        folder=folder,
        files=files,
        caches=tuple(
            CacheLine(region=cache.region, prefix=cache.prefix, upstream=upstream_text(cache))
            for cache in plan.caches
        ),
        modules=tuple(sorted({f"{MODULES_FOLDER}/{call.module}" for call in plan.calls}))
        if topology.terraform.modules is None
        else (),
    )


def _source(topology: Topology, folder: str, module: str) -> str:
    """Where a root in the folder takes a module from."""
    if topology.terraform.modules is not None:
        return topology.terraform.modules.source(module)
    up = "/".join([".."] * len(PurePosixPath(folder).parts)) or "."
    return f"{up}/{MODULES_FOLDER}/{module}"


def variables_file(plan: RootPlan) -> str:
    """The variables that a person supplies."""
    variables = []
    for name, secrets in supplied_variables(plan).items():
        names = ", ".join(sorted({secret for _, secret, _ in secrets}))
        variables.append(
            {"name": name, "description": f"User name and access token in the secret {names}."}
        )
    return render("root/variables.tf.j2", {"variables": variables})
