"""Replays every request that is reported in the plain evaluator, before anybody sees it."""

from collections.abc import Sequence

from generator.iam.access import (
    Request,
)
from generator.iam.document import Policy, PolicyKind
from generator.iam.evaluate import decide
from generator.iam.parse import parse_policy
from generator.iam.universe import Universe
from generator.model.errors import ToolError

_ALLOW_ALL = parse_policy(
    {"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}, source="everything"
)


def replay(
    request: Request,
    *,
    allowed: bool,
    universe: Universe,
    policies: Sequence[Policy],
    boundary: Sequence[Policy] = (),
    is_given: bool = False,
) -> None:
    """Raise `ToolError` unless the plain evaluator says of a request what the engine says.

    `policies` are those that were judged, as they are written, and `boundary` is that of the
    caller, where it has one. With `is_given` the registry's own identity policies allow everything to
    callers of its account.
    """
    kind = universe.setting.kind
    if kind is PolicyKind.IDENTITY:
        decision = decide(
            request,
            resource_account=_owner(request, universe),
            identity_policies=policies,
            boundary_policies=boundary or None,
        )
    else:
        own = f":{universe.setting.account}:" in request.principal
        covered = own and (is_given or not allowed) and kind is not PolicyKind.TRUST
        decision = decide(
            request,
            resource_account=universe.setting.account,
            resource_policies=policies,
            identity_policies=(_ALLOW_ALL,) if covered else None,
            kind=kind,
        )
    if decision.allowed is not allowed:
        raise ToolError(
            "internal error in the grant engine",
            f"The request {request!r} ought to be {'allowed' if allowed else 'refused'}, but "
            f"the evaluator says {decision.allowed}: {decision.reason}. Please report it "
            "together with the policy.",
        )


def _owner(request: Request, universe: Universe) -> str:
    """The account that owns the resource of a request."""
    if request.resource.startswith("arn:"):
        return request.resource.split(":")[4]
    return universe.setting.account
