"""IAM's SimulatePrincipalPolicy, which moto lacks, decided by our own engine.

An organization is not there: what it denies is said by a tag of the role, `scp-denies`, with actions
separated by blanks.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from moto.iam.responses import IamResponse

from generator.iam import Policy, Request, decide, parse_policy_of_aws
from generator.model.estate import json_of

if TYPE_CHECKING:
    from moto.iam.models import IAMBackend, ManagedPolicy, Role

DENIED_BY = "scp-denies"


def install() -> None:
    """Give moto the operation."""
    IamResponse.simulate_principal_policy = _simulate


def _simulate(response: IamResponse) -> str:
    backend = response.backend
    role = next(
        one for one in backend.roles.values() if one.arn == response._get_param("PolicySourceArn")
    )
    actions = response._get_param("ActionNames")
    (resource,) = response._get_param("ResourceArns")
    results = "".join(_result(backend, role, action, resource) for action in actions)
    return (
        '<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        f"<SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults>"
        "<IsTruncated>false</IsTruncated></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )


def _result(backend: IAMBackend, role: Role, action: str, resource: str) -> str:
    request = Request(principal=role.arn, action=action, resource=resource)
    account = resource.split(":")[4]

    def allows(policies: list[Policy]) -> bool:
        found = decide(request, resource_account=account, identity_policies=policies)
        return found.allowed is True

    own = [*role.policies.values(), *(_document(one) for one in role.managed_policies.values())]
    boundary = role.permissions_boundary_arn
    bound = [_document(backend.managed_policies[boundary])] if boundary else None
    by_boundary = bound is None or allows(_parsed(bound))
    by_organization = action not in _denied(role)
    is_allowed = allows(_parsed(own)) and by_boundary and by_organization
    limits = (
        ""
        if bound is None
        else "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>"
        f"{str(by_boundary).lower()}</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>"
    )
    return (
        f"<member><EvalActionName>{action}</EvalActionName>"
        f"<EvalResourceName>{escape(resource)}</EvalResourceName>"
        f"<EvalDecision>{'allowed' if is_allowed else 'implicitDeny'}</EvalDecision>{limits}"
        "<OrganizationsDecisionDetail><AllowedByOrganizations>"
        f"{str(by_organization).lower()}</AllowedByOrganizations></OrganizationsDecisionDetail></member>"
    )


def _denied(role: Role) -> list[str]:
    return [
        action for tag in role.tags if tag["Key"] == DENIED_BY for action in tag["Value"].split()
    ]


def _document(policy: ManagedPolicy) -> object:
    return next(one.document for one in policy.versions if one.is_default)


def _parsed(documents: list[object]) -> list[Policy]:
    return [
        parse_policy_of_aws(
            json_of(json.loads(one) if isinstance(one, str) else one), source=str(number)
        )
        for number, one in enumerate(documents)
    ]
