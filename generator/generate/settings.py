"""Terraform and provider blocks of a root."""

from typing import TYPE_CHECKING

from generator.generate.root_plan import RootPlan
from generator.model.terraform_settings import fill_argument
from generator.model.topology import Topology
from generator.render import render

if TYPE_CHECKING:
    from generator.render.literal import Value


def terraform_file(topology: Topology, plan: RootPlan) -> str:
    """The versions that a root accepts."""
    providers: dict[str, Value] = {
        "aws": {"source": "hashicorp/aws", "version": topology.terraform.aws_provider}
    }
    if plan.secrets:
        providers["time"] = {
            "source": "hashicorp/time",
            "version": topology.terraform.time_provider,
        }
    return render(
        "root/terraform.tf.j2",
        {
            "required_version": topology.terraform.required_version,
            "required_providers": providers,
            "backend": _backend(topology, plan),
        },
    )


def _backend(topology: Topology, plan: RootPlan) -> dict[str, object] | None:
    """The backend block of a root, `None` where the topology has none."""
    backend = topology.terraform.backend
    if backend is None:
        return None
    words = topology.words(plan.account)
    return {
        "type": backend.type,
        "arguments": fill_argument(backend.arguments, words),
        "blocks": [
            {"name": name, "arguments": fill_argument(block, words)}
            for name, block in backend.blocks
        ],
    }


def providers_file(topology: Topology, plan: RootPlan) -> str:
    """The provider, which refuses every account but the root's."""
    account = topology.accounts[plan.account]
    assume_role: dict[str, Value] = {
        name: fill_argument(argument, topology.words(plan.account))
        for name, argument in (topology.terraform.assume_role or {}).items()
    }
    return render(
        "root/providers.tf.j2",
        {
            "arguments": {
                "region": str(plan.region),
                "allowed_account_ids": [str(account.id)],
            },
            "assume_role": assume_role,
            "tags": dict(sorted(topology.tags.items())),
        },
    )
