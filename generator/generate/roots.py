"""The root module of one account: what it holds, and then its files."""

import json
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
from generator.generate.readme import readme_file
from generator.generate.root_plan import (
    RootPlan,
    copied_sources,
    created_secrets,
    supplied_variables,
    upstream_text,
)
from generator.generate.settings import providers_file, terraform_file
from generator.model.filetree import CacheLine, RootFiles
from generator.model.topology import ProviderBlock, RegistryPolicyMode, Topology
from generator.policies import (
    is_exported,
    puller_policies,
    registry_policy_document,
    registry_statements,
    template_roles,
    upstream_roles,
)
from generator.render import render


def plan_root(topology: Topology, account: str) -> RootPlan:
    """What the account's root has to hold."""
    caches = tuple(cache for cache in topology.caches if cache.account == account)
    secrets = tuple(
        (region, name, credential)
        for (owner, region, name), credential in created_secrets(topology)
        if owner == account
    )
    pullers = tuple(
        policy for (owner, _), policy in puller_policies(topology).items() if owner == account
    )
    plan = RootPlan(
        account=account,
        region=topology.accounts[account].regions[0],
        caches=caches,
        secrets=secrets,
        pullers=pullers,
    )
    role = upstream_roles(topology).get(account)
    templates = [placed for placed in topology.templates if placed.account == account]
    template_role = template_roles(topology).get(account)
    for region in sorted({cache.region for cache in caches} | {each.region for each in templates}):
        if any(where == region for where, _, _ in secrets):
            plan.calls.append(credentials_call(topology, account, region))
        plan.calls.append(caches_call(topology, account, region, role))
    for (owner, region), statements in registry_statements(topology).items():
        if owner != account:
            continue
        if is_exported(topology, account):
            plan.exported[region] = registry_policy_document(topology, account, region, statements)
            continue
        plan.calls.append(access_call(topology, account, region, statements))
        if topology.accounts[account].registry_policy is RegistryPolicyMode.ADOPT:
            plan.imports.append(import_block(topology, account, region, plan.region))
    if role is not None:
        plan.calls.append(upstream_access_call(topology, role))
    if template_role is not None:
        plan.calls.append(template_role_call(topology, template_role))
    if pullers:
        plan.calls.append(pullers_call(plan.region, pullers))
    return plan


def root_files(topology: Topology, plan: RootPlan) -> RootFiles:
    """The files of a root."""
    account = topology.accounts[plan.account]
    folder = topology.folder(plan.account)
    files = {
        "terraform.tf": terraform_file(topology, plan),
        "README.md": readme_file(topology, plan),
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
