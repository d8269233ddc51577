"""What code leaves open is said: a resource that may not be there, a role that is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gate.gate_support import RULES, TOPOLOGY, WHOLE, judged, rules

if TYPE_CHECKING:
    from pathlib import Path

WIDE = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "ecr:*", Resource = "*" }] })'
PUBLIC = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:*", Resource = "*" }] })'
FOR_A_REPOSITORY = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = "*", Action = "ecr:BatchGetImage" }] })'
TRUST = 'jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })'
VARIABLE = '\nvariable "given" {}\n'
QUAY = 'resource "aws_ecr_pull_through_cache_rule" "quay" {\n'
PULL = 'resource "aws_iam_policy" "pull" {\n'


def block(kind: str, *arguments: str) -> str:
    """A resource of its own."""
    return "\n".join((f'\nresource "{kind}" "more" {{', *arguments, "}\n"))


def node(*arguments: str) -> str:
    """The consumer's role, with the policy that it needs attached."""
    role = block("aws_iam_role", 'name = "eks-node"', f"assume_role_policy = {TRUST}", *arguments)
    return role + block(
        "aws_iam_role_policy_attachment",
        "role = aws_iam_role.more.name",
        "policy_arn = aws_iam_policy.pull.arn",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Code, and what drift and check say about it."""

    code: str
    drift: tuple[tuple[str, str], ...] = ()
    check: tuple[tuple[str, str], ...] = ()


MISSING, UNDECIDED = ("undecided", "missing"), ("undecided", "grant-undecided")
ANYBODY = ("finding", "grant-any-principal")
CASES = {
    "a rule that may not be there": Case(
        code=VARIABLE + WHOLE.replace(QUAY, f"{QUAY}  count = var.given ? 1 : 0\n"),
        drift=(MISSING,),
    ),
    "a rule that may be there many times": Case(
        code=VARIABLE + WHOLE.replace(QUAY, f"{QUAY}  for_each = var.given\n"), drift=(MISSING,)
    ),
    "a policy that may not be there": Case(
        code=VARIABLE + WHOLE.replace(PULL, f"{PULL}  count = var.given\n"),
        drift=(MISSING,),
        check=(UNDECIDED,),
    ),
    "a public registry policy that may not be there": Case(
        code=VARIABLE
        + WHOLE
        + block("aws_ecr_registry_policy", "count = var.given", f"policy = {PUBLIC}"),
        drift=(("undecided", "unexpected"),),
        check=(UNDECIDED,),
    ),
    "a second rule that may not be there": Case(
        code=VARIABLE
        + WHOLE
        + block(
            "aws_ecr_pull_through_cache_rule",
            "count = var.given",
            'ecr_repository_prefix = "quay"',
            'upstream_registry_url = "quay.io"',
        ),
        drift=(("undecided", "two-owners"),),
    ),
    "a public registry policy in some region": Case(
        code=VARIABLE
        + WHOLE
        + block("aws_ecr_registry_policy", "region = var.given", f"policy = {PUBLIC}"),
        drift=(MISSING,),
        check=(ANYBODY, ("finding", "wildcard-action"), UNDECIDED),
    ),
    "a public policy on some repository": Case(
        code=VARIABLE
        + WHOLE
        + block(
            "aws_ecr_repository_policy", "repository = var.given", f"policy = {FOR_A_REPOSITORY}"
        ),
        check=(ANYBODY, UNDECIDED),
    ),
    "a creation template for some prefix": Case(
        code=VARIABLE
        + WHOLE
        + block(
            "aws_ecr_repository_creation_template",
            "prefix = var.given",
            'applied_for = ["PULL_THROUGH_CACHE"]',
            f"repository_policy = {FOR_A_REPOSITORY}",
        ),
        drift=(MISSING,),
        check=(ANYBODY, UNDECIDED),
    ),
    "an inline policy for a role that is elsewhere": Case(
        code=WHOLE
        + block("aws_iam_role_policy", 'name = "more"', 'role = "eks-node"', f"policy = {WIDE}"),
        check=(("finding", "identity-undeclared"),),
    ),
    "an attachment by a list of roles": Case(
        code=WHOLE
        + block("aws_iam_policy", 'name = "wide"', f"policy = {WIDE}")
        + block(
            "aws_iam_policy_attachment",
            'name = "more"',
            'roles = ["another", "eks-node"]',
            "policy_arn = aws_iam_policy.more.arn",
        ),
        check=(("finding", "identity-undeclared"),),
    ),
    "attachments by a list of policies": Case(
        code=WHOLE
        + block(
            "aws_iam_role_policy_attachments_exclusive",
            'role_name = "eks-node"',
            'policy_arns = [aws_iam_policy.pull.arn, "arn:aws:iam::aws:policy/AdministratorAccess"]',
        ),
        check=(("finding", "identity-undeclared"),),
    ),
    "attachments by a list with a policy of AWS that does not ship": Case(
        code=WHOLE
        + block(
            "aws_iam_role_policy_attachments_exclusive",
            'role_name = "eks-node"',
            'policy_arns = [aws_iam_policy.pull.arn, "arn:aws:iam::aws:policy/AmazonBraketFullAccess"]',
        ),
        check=(UNDECIDED,),
    ),
    "an attachment to some role": Case(
        code=VARIABLE
        + WHOLE
        + block(
            "aws_iam_role_policy_attachment",
            "role = var.given",
            'policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"',
        ),
        check=(UNDECIDED,),
    ),
    "inline policies that are not known": Case(
        code=VARIABLE
        + WHOLE
        + node(
            'dynamic "inline_policy" {',
            "for_each = var.given",
            "content {",
            "name = inline_policy.key",
            "policy = inline_policy.value",
            "}",
            "}",
        ),
        check=(UNDECIDED,),
    ),
    "attached policies that are not known": Case(
        code=VARIABLE + WHOLE + node("managed_policy_arns = var.given"), check=(UNDECIDED,)
    ),
    "a permissions boundary": Case(
        code=WHOLE
        + node('permissions_boundary = "arn:aws:iam::aws:policy/AmazonBraketFullAccess"'),
        check=(UNDECIDED,),
    ),
    "a policy in an account that is not known": Case(
        code=RULES + 'provider "aws" {\n  region = "eu-west-1"\n}\n' + WHOLE[WHOLE.index(PULL) :],
        drift=(MISSING, MISSING, MISSING),
        check=(UNDECIDED,),
    ),
    "a secret of another partition": Case(
        code=WHOLE.replace(
            "data.aws_secretsmanager_secret.hub.arn",
            '"arn:aws-cn:secretsmanager:eu-west-1:111122223333:secret:ecr-pullthroughcache/docker-hub-AbCdEf"',
        ),
        drift=(("drift", "different"),),
        check=(("finding", "wrong-partition"),),
    ),
    "an identity policy with a principal": Case(
        code=WHOLE.replace(
            "{ Effect",
            '{ Effect = "Deny", Principal = "*", Action = "s3:PutObject", Resource = "*" },\n{ Effect',
            1,
        ),
        drift=(("undecided", "different"),),
        check=(("finding", "policy-refused"),),
    ),
    "an action that is none": Case(
        code=WHOLE.replace(
            '"ecr:GetAuthorizationToken"',
            '["ecr:GetAuthorizationToken", "arn:aws:iam::222233334444:role/x"]',
        ),
        drift=(("undecided", "different"),),
        check=(("finding", "policy-refused"), UNDECIDED),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_code_that_leaves_something_open_is_never_passed_in_silence(
    name: str, tmp_path: Path
) -> None:
    case = CASES[name]
    assert case.code != WHOLE

    found = judged(tmp_path, case.code)

    assert rules(found.drift) == list(case.drift)
    assert rules(found.check) == list(case.check)


def test_a_wide_policy_of_a_role_that_a_pattern_means_is_found(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace("role: eks-node", 'role: "eks-*"')
    code = WHOLE + block(
        "aws_iam_role_policy", 'name = "more"', 'role = "eks-other"', f"policy = {WIDE}"
    )

    found = judged(tmp_path, code, topology)

    assert rules(found.check) == [("finding", "identity-undeclared")]
    assert "role eks-other" in found.check[0].message


def test_a_policy_attached_to_one_role_of_a_pattern_is_no_missing_grant(tmp_path: Path) -> None:
    topology = TOPOLOGY.replace("role: eks-node", 'role: "eks-*"')
    code = WHOLE + block(
        "aws_iam_role_policy_attachment",
        'role = "eks-other"',
        "policy_arn = aws_iam_policy.pull.arn",
    )

    assert judged(tmp_path, code, topology).check == []


@pytest.mark.parametrize(
    ("example", "module"),
    [("private-to-private", "upstream-access"), ("tokens-and-templates", "template-role")],
)
def test_a_boundary_of_a_role_that_is_written_is_drift(
    example: str, module: str, tmp_path: Path
) -> None:
    from e2e.project import from_example

    project = from_example(example, tmp_path)
    override = project.file(f"modules/{module}/main_override.tf")
    override.write_text(
        'resource "aws_iam_role" "this" {\n'
        '  permissions_boundary = "arn:aws:iam::aws:policy/AmazonBraketFullAccess"\n}\n',
        encoding="utf-8",
    )

    drift, check = project.judged("drift"), project.judged("check")

    assert [result["rule"] for result in drift.results] == ["different"]
    assert [result["rule"] for result in check.results] == ["grant-undecided"]
