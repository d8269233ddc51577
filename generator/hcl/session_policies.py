"""Session policies of provider blocks: they narrow what Terraform itself may do."""

from collections.abc import Iterator

from generator.hcl.bodies import NestedBlock, nested_blocks
from generator.hcl.evaluation import evaluate_or_unknown
from generator.hcl.module import Module
from generator.hcl.providers import ProviderReference
from generator.hcl.records import RootRecords
from generator.model.estate import Attribute, Kind, Record, Unknown


def session_policies(root: Module, records: RootRecords) -> Iterator[Record]:
    """A record for each `assume_role` of a root's providers that brings a session policy."""
    for name, block in root.source.providers.items():
        if name.partition(".")[0] != "aws":
            continue
        for role in nested_blocks(block.body, "assume_role", root.scope):
            if not isinstance(role, NestedBlock):
                continue
            written = role.body.attributes
            policy: Attribute
            if (argument := written.get("policy")) is not None:
                value = evaluate_or_unknown(argument.expression, role.scope)
                policy = records.session_policy(value, argument.expression.span)
            elif (argument := written.get("policy_arns")) is not None:
                policy = Unknown(
                    reason="it is a list of policies", reference="policy_arns", span=argument.span
                )
            else:
                continue
            yield Record(
                kind=Kind.SESSION_POLICY,
                account=root.provider(ProviderReference(name=name)).account,
                region=None,
                key=name,
                attributes={"policy": policy},
                address=f"provider.{name}",
                span=argument.span,
                root=records.name,
            )
