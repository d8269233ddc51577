"""Terraform and provider blocks of a root."""

from typing import TYPE_CHECKING

from generator.generate.root_plan import RootPlan
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
        },
    )


def providers_file(topology: Topology, plan: RootPlan) -> str:
    """The provider, which refuses every account but the root's."""
    account = topology.accounts[plan.account]
    assume_role: dict[str, Value] = {}
    if topology.terraform.assume_role is not None:
        arn = topology.terraform.assume_role.replace("{account_id}", account.id)
        assume_role["role_arn"] = arn.replace("{partition}", plan.region.aws_partition.id)
    return render(
        "root/providers.tf.j2",
        {
            "arguments": {
                "region": str(plan.region),
                "allowed_account_ids": [str(account.id)],
            },
            "assume_role": assume_role,
        },
    )
