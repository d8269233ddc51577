"""Policies that AWS publishes, in our own words, with the verdict that a person would give.

Each row names the page on which the policy stands, what sort it is, what it says, and what it does to one
declared access: every principal of one account pulls `quay/*` through the cache of another one. `GRANT`
beside a policy is the statement that gives just that. Accounts, names and regions are ours, and where a
page is about another service, actions of ECR stand for that service's; principals and conditions are the
page's (of the sort `everybody` the conditions alone: they are tried on every principal). Each page was read when its row was written (the guides as of 2022 and 2023, when AWS published them as
text, and the pages about caches and managed policies as of 2025).
"""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from policy_worlds import ACCOUNTS, HUB, ORGANIZATION, REGION, STRANGER

from generator.iam import (
    Access,
    Judgement,
    Organization,
    Policy,
    RepositoryScope,
    judge_identity_policies,
    judge_resource_policy,
    judge_trust_policy,
    parse_policy,
)
from generator.iam.guards import Guard, guards_of
from generator.model.estate import Json
from generator.model.levels import IMPORT_ACTION, PULL_THROUGH_SERVICE, Level

ECR_GUIDE = "docs.aws.amazon.com/AmazonECR/latest/userguide/"
IAM_GUIDE = "docs.aws.amazon.com/IAM/latest/UserGuide/"
KMS_GUIDE = "docs.aws.amazon.com/kms/latest/developerguide/"
SECRETS_GUIDE = "docs.aws.amazon.com/secretsmanager/latest/userguide/"
LAMBDA_GUIDE = "docs.aws.amazon.com/lambda/latest/dg/"
MANAGED = "docs.aws.amazon.com/aws-managed-policy/latest/reference/"
ECS_GUIDE = "docs.aws.amazon.com/AmazonECS/latest/developerguide/"
PERIMETER = "github.com/aws-samples/data-perimeter-policy-examples/blob/main/"

EXACT, OVER, UNDER, BOTH, OPEN = "exact", "too much", "too little", "both", "open"
CLOSED, NETWORK, ANYBODY = "closed", "network", "anybody"

Statement = dict[str, Json]
ALL = f"arn:aws:ecr:{REGION}:{HUB}:repository/*"
QUAY = f"arn:aws:ecr:{REGION}:{HUB}:repository/quay/*"
PULLER, OTHER = ({"AWS": f"arn:aws:iam::{one}:root"} for one in (ACCOUNTS[0], STRANGER))
PULL: Json = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
WHOLE_PULL: Json = tuple(Level.PULL.actions)
PUSH: Json = (
    *("ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:PutImage"),
    *("ecr:UploadLayerPart", "ecr:BatchCheckLayerAvailability"),
)
READ: Json = (
    *("ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage"),
    *("ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy", "ecr:DescribeRepositories"),
    *("ecr:ListImages", "ecr:DescribeImages", "ecr:ListTagsForResource"),
    *("ecr:GetLifecyclePolicy", "ecr:GetLifecyclePolicyPreview", "ecr:DescribeImageScanFindings"),
)


def allow(principal: Json, action: Json, resource: Json = None, **condition: Json) -> Statement:
    return _statement("Allow", principal, action, resource, condition)


def deny(principal: Json, action: Json, resource: Json = None, **condition: Json) -> Statement:
    return _statement("Deny", principal, action, resource, condition)


def _statement(
    effect: str, principal: Json, action: Json, resource: Json, condition: dict[str, Json]
) -> Statement:
    made: Statement = {"Effect": effect}
    if action is not None:
        made["Action"] = action
    if principal is not None:
        made["Principal"] = principal
    if resource is not None:
        made["Resource"] = resource
    if condition:
        made["Condition"] = {
            operator.replace("ForAny", "ForAnyValue:"): value
            for operator, value in condition.items()
        }
    return made


def outside(*regions: str, principal: Json = "*") -> Statement:
    """A Deny of all but AWS's global services outside of some regions."""
    return {
        **deny(principal, None, "*", StringNotEquals={"aws:RequestedRegion": regions}),
        "NotAction": ("cloudfront:*", "iam:*", "route53:*", "support:*"),
    }


GRANT = allow(PULLER, WHOLE_PULL, QUAY)
ONE = f"arn:aws:ecr:{REGION}:{HUB}:repository/quay/my-repo"
CONTENTS: Json = (
    *("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:GetRepositoryPolicy"),
    *("ecr:DescribeRepositories", "ecr:ListImages", "ecr:DescribeImages", "ecr:BatchGetImage"),
    *("ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload", "ecr:PutImage"),
)
TAGGED = {"aws:RequestTag/environment": "dev"}
A_VPC = {"aws:SourceVpc": "vpc-12345678"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """One published policy: `sort` is where it is attached, `verdict` what a person would say."""

    source: str
    title: str
    sort: str
    statements: tuple[Statement, ...]
    verdict: str


def rows(sort: str, *entries: tuple[str, str, tuple[Statement, ...], str]) -> list[Published]:
    return [
        Published(source=source, title=title, sort=sort, statements=statements, verdict=verdict)
        for source, title, statements, verdict in entries
    ]


SERVICE = {"Service": PULL_THROUGH_SERVICE}
ORG = {"aws:PrincipalOrgID": ORGANIZATION}
LAMBDA = {"Service": "lambda.amazonaws.com"}
CODEBUILD = {"Service": "codebuild.amazonaws.com"}
FUNCTION = {"aws:SourceArn": f"arn:aws:lambda:{REGION}:{STRANGER}:function:*"}
USERS = tuple(f"arn:aws:iam::{ACCOUNTS[0]}:user/{name}" for name in ("pull-1", "pull-2"))
ADMIN = f"arn:aws:iam::{ACCOUNTS[0]}:user/admin-user"
REPLICATE: Json = ("ecr:CreateRepository", "ecr:ReplicateImage")
SAID_BY_SERVICES = {"Null": {"aws:SourceAccount": "false"}}
NO_SERVICE = {"aws:PrincipalIsAWSService": "false", "aws:ViaAWSService": "false"}
INSTANCES = {"aws:PrincipalArn": "arn:aws:iam::*:role/aws:ec2-infrastructure"}
OPTED_IN = {"aws:PrincipalTag/dp:include:network": "true"}

PUBLISHED = [
    *rows(
        "registry",
        (
            f"{ECR_GUIDE}registry-permissions-examples.html",
            "replication from one account",
            (GRANT, allow(OTHER, REPLICATE, ALL)),
            OVER,
        ),
        (
            f"{ECR_GUIDE}registry-permissions-examples.html",
            "replication from two accounts",
            (GRANT, allow(OTHER, REPLICATE, ALL), allow(PULLER, REPLICATE, ALL)),
            OVER,
        ),
        (
            f"{ECR_GUIDE}registry-permissions-examples.html",
            "replication of repositories with a prefix",
            (
                GRANT,
                allow(OTHER, REPLICATE, f"arn:aws:ecr:{REGION}:{HUB}:repository/prod-*"),
            ),
            OVER,
        ),
        (
            f"{ECR_GUIDE}pull-through-cache-iam.html",
            "a user creates repositories and imports, and nobody pulls",
            (allow({"AWS": ADMIN}, ("ecr:CreateRepository", IMPORT_ACTION), QUAY),),
            BOTH,
        ),
        (
            f"{ECR_GUIDE}pull-through-cache-iam.html",
            "a user creates repositories and imports, beside the grant",
            (GRANT, allow({"AWS": ADMIN}, ("ecr:CreateRepository", IMPORT_ACTION), QUAY)),
            OVER,
        ),
        (
            f"{ECR_GUIDE}pull-through-cache-private.html",
            "an upstream for all of another account",
            (
                GRANT,
                allow(OTHER, (*WHOLE_PULL, "ecr:GetImageCopyStatus"), ALL),
            ),
            OVER,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "users push and pull",
            (GRANT, allow({"AWS": USERS}, (*PULL, *PUSH), QUAY)),
            OVER,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "another account pushes",
            (GRANT, allow(OTHER, PUSH, QUAY)),
            OVER,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "users pull, and one of them may do everything",
            (allow({"AWS": USERS}, PULL, QUAY), allow({"AWS": ADMIN}, "ecr:*", QUAY)),
            BOTH,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "nobody pulls",
            (GRANT, deny("*", PULL, ALL)),
            UNDER,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "only from some addresses",
            (GRANT, deny("*", "ecr:*", ALL, NotIpAddress={"aws:SourceIp": "54.240.143.0/24"})),
            NETWORK,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "CodeBuild of a foreign account",
            (
                GRANT,
                allow(
                    CODEBUILD,
                    PULL,
                    QUAY,
                    ArnLike={"aws:SourceArn": f"arn:aws:codebuild:{REGION}:{STRANGER}:project/p"},
                    StringEquals={"aws:SourceAccount": STRANGER},
                ),
            ),
            OVER,
        ),
        (
            f"{LAMBDA_GUIDE}images-create.html",
            "functions of a foreign account, and the account",
            (
                GRANT,
                allow(OTHER, PULL, QUAY),
                allow(LAMBDA, PULL, QUAY, StringLike=FUNCTION),
            ),
            OVER,
        ),
        (
            f"{ECR_GUIDE}ecr-supported-iam-actions-tagging.html",
            "nothing on repositories that are tagged for production",
            (GRANT, deny("*", "ecr:*", ALL, StringEquals={"ecr:ResourceTag/environment": "prod"})),
            OPEN,
        ),
        (
            f"{PERIMETER}resource_control_policies/identity_perimeter_rcp.json",
            "identity perimeter: the organization, services of AWS, what a tag leaves out",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    StringNotEqualsIfExists={
                        **ORG,
                        "aws:PrincipalAccount": (STRANGER,),
                        "aws:ResourceTag/dp:exclude:identity": "true",
                    },
                    BoolIfExists={"aws:PrincipalIsAWSService": "false"},
                ),
            ),
            EXACT,
        ),
        (
            f"{PERIMETER}resource_control_policies/identity_perimeter_rcp.json",
            "identity perimeter of another organization",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    StringNotEqualsIfExists={"aws:PrincipalOrgID": "o-bbbbbbbbbb"},
                    BoolIfExists={"aws:PrincipalIsAWSService": "false"},
                ),
            ),
            UNDER,
        ),
        (
            f"{PERIMETER}resource_control_policies/identity_perimeter_rcp.json",
            "confused deputy: services for the organization alone",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    StringNotEqualsIfExists={
                        "aws:SourceOrgID": ORGANIZATION,
                        "aws:ResourceTag/dp:exclude:identity": "true",
                    },
                    Bool={"aws:PrincipalIsAWSService": "true"},
                    **SAID_BY_SERVICES,
                ),
            ),
            EXACT,
        ),
        (
            f"{PERIMETER}resource_control_policies/identity_perimeter_rcp.json",
            "confused deputy: a foreign service stays out, beside functions of a stranger",
            (
                GRANT,
                allow(LAMBDA, PULL, QUAY, StringLike=FUNCTION),
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    StringNotEqualsIfExists={"aws:SourceOrgID": ORGANIZATION},
                    Bool={"aws:PrincipalIsAWSService": "true"},
                    **SAID_BY_SERVICES,
                ),
            ),
            OVER,
        ),
        (
            f"{PERIMETER}resource_control_policies/network_perimeter_vpceorgid_rcp.json",
            "network perimeter: an address, endpoints of the organization, callers that opted in",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    NotIpAddressIfExists={"aws:SourceIp": "192.0.2.0/24"},
                    StringNotEqualsIfExists={
                        "aws:VpceOrgID": ORGANIZATION,
                        "aws:PrincipalTag/dp:exclude:network": "true",
                        "aws:VpceAccount": (STRANGER,),
                    },
                    BoolIfExists=NO_SERVICE,
                    ArnNotLikeIfExists=INSTANCES,
                    StringEquals=OPTED_IN,
                ),
            ),
            OPEN,
        ),
        (
            f"{PERIMETER}resource_control_policies/network_perimeter_vpceorgid_rcp.json",
            "network perimeter for everybody: an address, endpoints of the organization",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    NotIpAddressIfExists={"aws:SourceIp": "192.0.2.0/24"},
                    StringNotEqualsIfExists={"aws:VpceOrgID": ORGANIZATION},
                    BoolIfExists=NO_SERVICE,
                ),
            ),
            NETWORK,
        ),
        (
            f"{PERIMETER}resource_control_policies/network_perimeter_sourcevpc_rcp.json",
            "network perimeter for everybody: an address, a VPC",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    NotIpAddressIfExists={"aws:SourceIp": "192.0.2.0/24"},
                    StringNotEqualsIfExists={"aws:SourceVpc": "vpc-0a1b2c3d4e5f67890"},
                    BoolIfExists=NO_SERVICE,
                ),
            ),
            NETWORK,
        ),
        (
            f"{PERIMETER}resource_control_policies/network_perimeter_sourcevpc_rcp.json",
            "a VPC stands in the region of the registry",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    StringEquals={"aws:SourceVpc": "vpc-0a1b2c3d4e5f67890"},
                    StringNotEqualsIfExists={"aws:RequestedRegion": REGION},
                ),
            ),
            EXACT,
        ),
        (
            f"{PERIMETER}resource_control_policies/network_perimeter_sourcevpc_rcp.json",
            "a VPC stands in another region",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    "*",
                    StringEquals={"aws:SourceVpc": "vpc-0a1b2c3d4e5f67890"},
                    StringNotEqualsIfExists={"aws:RequestedRegion": "us-east-1"},
                ),
            ),
            NETWORK,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-ip.html",
            "only from two networks, unless a service calls for somebody",
            (
                GRANT,
                deny(
                    "*",
                    "*",
                    "*",
                    NotIpAddress={"aws:SourceIp": ("192.0.2.0/24", "203.0.113.0/24")},
                    Bool={"aws:ViaAWSService": "false"},
                ),
            ),
            NETWORK,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "only through one endpoint",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:BatchGetImage",
                    "*",
                    StringNotEquals={"aws:SourceVpce": "vpce-1234a5678b9012c"},
                ),
            ),
            NETWORK,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "writes from one VPC alone, reads from another alone",
            (
                GRANT,
                deny("*", ("ecr:Put*", "ecr:Delete*"), "*", StringNotEquals=A_VPC),
                deny("*", PULL, "*", StringNotEquals={"aws:SourceVpc": "vpc-2b2b2b2b"}),
            ),
            NETWORK,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "callers of the account with the tag of the repository",
            (
                allow(
                    PULLER,
                    WHOLE_PULL,
                    QUAY,
                    StringEquals={
                        "aws:ResourceTag/AccessProject": "${aws:PrincipalTag/AccessProject}"
                    },
                ),
            ),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-requested-region.html",
            "four regions alone, that of the registry among them",
            (GRANT, outside("eu-central-1", REGION, "eu-west-2", "eu-west-3")),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-requested-region.html",
            "other regions alone",
            (GRANT, outside("us-east-1", "us-west-2")),
            UNDER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws-dates.html",
            "three months that are over",
            (
                allow(
                    PULLER,
                    WHOLE_PULL,
                    QUAY,
                    DateGreaterThan={"aws:CurrentTime": "2020-04-01T00:00:00Z"},
                    DateLessThan={"aws:CurrentTime": "2020-06-30T23:59:59Z"},
                ),
            ),
            UNDER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_mfa-dates.html",
            "a stranger with a device, in months that are over",
            (
                GRANT,
                allow(
                    OTHER,
                    "ecr:*",
                    "*",
                    Bool={"aws:MultiFactorAuthPresent": "true"},
                    DateGreaterThan={"aws:CurrentTime": "2017-07-01T00:00:00Z"},
                    DateLessThan={"aws:CurrentTime": "2017-12-31T23:59:59Z"},
                ),
            ),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_my-sec-creds-self-manage-mfa-only.html",
            "sign-in with a device",
            (
                GRANT,
                {
                    **deny("*", None, "*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"}),
                    "NotAction": ("iam:EnableMFADevice", "sts:GetSessionToken"),
                },
            ),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_condition_operators.html",
            "a stranger's callers with a tag",
            (
                GRANT,
                allow(
                    OTHER,
                    "ecr:PutImage",
                    QUAY,
                    StringEquals={"aws:PrincipalTag/job-category": "iamuser-admin"},
                ),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_principal.html",
            "everybody",
            (allow("*", WHOLE_PULL, QUAY),),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_principal.html",
            "two accounts, one of them by its id alone",
            (allow({"AWS": (ACCOUNTS[0], STRANGER)}, WHOLE_PULL, QUAY),),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_principal.html",
            "the account by its id alone",
            (allow({"AWS": ACCOUNTS[0]}, WHOLE_PULL, QUAY),),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_principal.html",
            "a role of another account",
            (GRANT, allow({"AWS": f"arn:aws:iam::{STRANGER}:role/cross"}, PULL, QUAY)),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_principal.html",
            "a federated user's session of another account",
            (GRANT, allow({"AWS": f"arn:aws:sts::{STRANGER}:federated-user/bob"}, PULL, QUAY)),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_notprincipal.html",
            "everybody but one account",
            ({**allow(None, PULL, QUAY), "NotPrincipal": PULLER}, GRANT),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_notprincipal.html",
            "a Deny for all but a user of another account",
            (
                GRANT,
                {
                    **deny(None, "ecr:*", ALL),
                    "NotPrincipal": {
                        "AWS": (
                            f"arn:aws:iam::{STRANGER}:user/Bob",
                            f"arn:aws:iam::{STRANGER}:root",
                        )
                    },
                },
            ),
            UNDER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-keys.html",
            "everybody in the organization",
            (GRANT, allow("*", PULL, QUAY, StringEquals=ORG)),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-keys.html",
            "a unit of the organization and all below it",
            (
                GRANT,
                allow(
                    "*",
                    PULL,
                    QUAY,
                    ForAnyStringLike={
                        "aws:PrincipalOrgPaths": (f"{ORGANIZATION}/r-ab12/ou-ab12-11111111/*",)
                    },
                ),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference-arns.html",
            "a wildcard in the resource type, in a Deny of pushes",
            (GRANT, deny("*", "ecr:PutImage", f"arn:aws:ecr:{REGION}:{HUB}:repo*/*")),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference-arns.html",
            "a wildcard in the resource type, in a Deny of pulls",
            (GRANT, deny("*", PULL, f"arn:aws:ecr:{REGION}:{HUB}:repo*/*")),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws-dates.html",
            "a policy variable under a date",
            (
                GRANT,
                deny("*", PULL, ALL, DateLessThan={"aws:CurrentTime": "${aws:PrincipalAccount}"}),
            ),
            OPEN,
        ),
        (
            f"{MANAGED}AWSECRPullThroughCache_ServiceRolePolicy.html",
            "resources of the caller's own account alone",
            (
                allow(
                    "*",
                    WHOLE_PULL,
                    QUAY,
                    StringEquals={"aws:ResourceAccount": "${aws:PrincipalAccount}"},
                ),
            ),
            BOTH,
        ),
    ),
    *rows(
        "identity",
        (
            f"{MANAGED}AmazonEC2ContainerRegistryPullOnly.html",
            "AmazonEC2ContainerRegistryPullOnly",
            (allow(None, ("ecr:GetAuthorizationToken", *WHOLE_PULL), "*"),),
            OVER,
        ),
        (
            f"{MANAGED}AmazonEC2ContainerRegistryReadOnly.html",
            "AmazonEC2ContainerRegistryReadOnly",
            (allow(None, READ, "*"),),
            BOTH,
        ),
        (
            f"{MANAGED}AmazonEC2ContainerRegistryPowerUser.html",
            "AmazonEC2ContainerRegistryPowerUser",
            (allow(None, (*READ, *PUSH), "*"),),
            BOTH,
        ),
        (
            f"{ECS_GUIDE}task_execution_IAM_role.html",
            "AmazonECSTaskExecutionRolePolicy",
            (
                allow(
                    None,
                    (
                        *("ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability"),
                        *("ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"),
                        *("logs:CreateLogStream", "logs:PutLogEvents"),
                    ),
                    "*",
                ),
            ),
            BOTH,
        ),
        (
            f"{ECR_GUIDE}security_iam_id-based-policy-examples.html",
            "one repository, with pushes",
            (
                allow(None, "ecr:ListImages", ONE),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                allow(None, CONTENTS, ONE),
            ),
            BOTH,
        ),
        (
            f"{ECR_GUIDE}ecr-supported-iam-actions-tagging.html",
            "repositories are created with a tag",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                allow(None, "ecr:CreateRepository", "*", StringEquals=TAGGED),
                allow(None, "ecr:TagResource", "*", StringEquals=TAGGED),
            ),
            OVER,
        ),
        (
            f"{ECR_GUIDE}ecr-supported-iam-actions-tagging.html",
            "everything, but nothing that is tagged for production",
            (
                allow(None, "ecr:*", "*"),
                deny(None, "ecr:*", "*", StringEquals={"ecr:ResourceTag/environment": "prod"}),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-requested-region.html",
            "a puller in four regions",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                outside("eu-central-1", REGION, "eu-west-2", "us-east-1", principal=None),
            ),
            EXACT,
        ),
        (
            f"{PERIMETER}service_control_policies/resource_perimeter_scp.json",
            "a puller within the resources of the organization",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                {
                    **deny(
                        None,
                        "*",
                        None,
                        StringNotEqualsIfExists={
                            "aws:ResourceOrgID": ORGANIZATION,
                            "aws:PrincipalTag/dp:exclude:resource": "true",
                        },
                    ),
                    "NotResource": ("arn:aws:iam::aws:policy/*", "arn:aws:ssm:*::parameter/*"),
                },
            ),
            OPEN,
        ),
        (
            f"{PERIMETER}service_control_policies/network_perimeter_vpceorgid_scp.json",
            "a puller within networks, where it opted in",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                deny(
                    None,
                    ("ecr:*", "ecs:*", "kms:*"),
                    "*",
                    BoolIfExists={"aws:ViaAWSService": "false"},
                    NotIpAddressIfExists={"aws:SourceIp": ("192.0.2.0/24",)},
                    StringNotEqualsIfExists={"aws:VpceOrgID": ORGANIZATION},
                    ArnNotLikeIfExists=INSTANCES,
                    StringEquals=OPTED_IN,
                ),
            ),
            OPEN,
        ),
    ),
    *rows(
        "trust",
        (
            f"{ECR_GUIDE}pull-through-cache-private.html",
            "ECR's service assumes the role",
            (allow(SERVICE, "sts:AssumeRole"),),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}confused-deputy.html",
            "the service, for resources of the account alone",
            (
                allow(
                    SERVICE,
                    "sts:AssumeRole",
                    ArnLike={"aws:SourceArn": f"arn:aws:ecr:*:{HUB}:rule/*"},
                ),
            ),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}id_roles_create_for-user_externalid.html",
            "a vendor with an external id",
            (
                allow(SERVICE, "sts:AssumeRole"),
                allow(OTHER, "sts:AssumeRole", StringEquals={"sts:ExternalId": "12345"}),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}id_roles_create_for-idp_oidc.html",
            "users of GitHub",
            (
                allow(
                    {
                        "Federated": f"arn:aws:iam::{HUB}:oidc-provider/"
                        "token.actions.githubusercontent.com"
                    },
                    "sts:AssumeRoleWithWebIdentity",
                    StringLike={
                        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
                        "token.actions.githubusercontent.com:sub": "repo:acme/*",
                    },
                ),
            ),
            BOTH,
        ),
        (
            f"{IAM_GUIDE}id_roles_create_for-idp_oidc.html",
            "users of Facebook's app",
            (
                allow(SERVICE, "sts:AssumeRole"),
                allow(
                    {"Federated": "graph.facebook.com"},
                    "sts:AssumeRoleWithWebIdentity",
                    StringEquals={"graph.facebook.com:app_id": "111222333444555"},
                ),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}id_roles_create_for-service.html",
            "instances",
            (allow({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole"),),
            BOTH,
        ),
    ),
    *rows(
        "everybody",
        (
            f"{KMS_GUIDE}conditions-kms.html",
            "a key for the callers of an account through a service",
            (
                allow(
                    {"AWS": "*"},
                    ("kms:Decrypt", "kms:CreateGrant"),
                    "*",
                    StringEquals={
                        "kms:CallerAccount": HUB,
                        "kms:ViaService": f"ec2.{REGION}.amazonaws.com",
                    },
                ),
            ),
            CLOSED,
        ),
        (
            f"{KMS_GUIDE}key-policy-default.html",
            "grants of a key for AWS's own resources",
            (allow("*", "kms:CreateGrant", "*", Bool={"kms:GrantIsForAWSResource": "true"}),),
            ANYBODY,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret for a service that acts for one account",
            (
                allow(
                    "*",
                    "secretsmanager:GetSecretValue",
                    "*",
                    ArnLike={"aws:SourceArn": f"arn:aws:lambda::{HUB}:*"},
                    StringEquals={"aws:SourceAccount": HUB},
                ),
            ),
            CLOSED,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret for one endpoint",
            (
                allow(
                    "*",
                    "secretsmanager:GetSecretValue",
                    "*",
                    StringEquals={"aws:SourceVpce": "vpce-1234a5678b9012c"},
                ),
            ),
            NETWORK,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret for callers with its tag",
            (
                allow(
                    "*",
                    "secretsmanager:GetSecretValue",
                    "*",
                    StringEquals={
                        "aws:ResourceTag/AccessProject": "${aws:PrincipalTag/AccessProject}"
                    },
                ),
            ),
            ANYBODY,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-keys.html",
            "a key for the organization",
            (allow("*", "kms:Decrypt", "*", StringEquals=ORG),),
            CLOSED,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-keys.html",
            "a key for units of the organization",
            (
                allow(
                    "*",
                    "kms:Decrypt",
                    "*",
                    ForAnyStringLike={"aws:PrincipalOrgPaths": (f"{ORGANIZATION}/*",)},
                ),
            ),
            CLOSED,
        ),
    ),
]

DECLARED = Access(
    account=ACCOUNTS[0],
    role=None,
    actions=frozenset(Level.PULL.actions),
    repositories="quay/*",
    region=REGION,
    registry_account=HUB,
)
NOW = datetime(2026, 11, 29, tzinfo=UTC)
MEMBERS = Organization(id=ORGANIZATION, paths=dict.fromkeys((HUB, *ACCOUNTS)))


def verdict_on(row: Published) -> str:
    if row.sort == "everybody":
        found = {one.guard for each in row.statements for one in guards_of(each.get("Condition"))}
        if Guard.NAMES in found:
            return CLOSED
        return NETWORK if Guard.NETWORK in found else ANYBODY
    policy = parse_policy({"Version": "2012-10-17", "Statement": row.statements}, source="policy")
    return said(judged(row.sort, policy))


def judged(sort: str, policy: Policy) -> Judgement:
    match sort:
        case "registry":
            return judge_resource_policy(
                policy,
                registry_account=HUB,
                region=REGION,
                intended=(DECLARED,),
                known_accounts=ACCOUNTS,
                organization=MEMBERS,
                now=NOW,
            )
        case "identity":
            return judge_identity_policies(
                (policy,),
                account=ACCOUNTS[0],
                role=None,
                intended=(DECLARED,),
                judged_prefixes=(
                    RepositoryScope(region=REGION, registry_account=HUB, repositories="quay/*"),
                ),
            )
        case _:
            return judge_trust_policy(policy, account=HUB, service=PULL_THROUGH_SERVICE)


def said(judgement: Judgement) -> str:
    if judgement.over and judgement.under:
        return BOTH
    if judgement.over:
        return OVER
    if judgement.under:
        return NETWORK if all(one.by_network for one in judgement.under) else UNDER
    return OPEN if judgement.undecided else EXACT


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row.sort}: {row.title}")
def test_a_published_policy_gets_the_verdict_of_a_person(row: Published) -> None:
    assert verdict_on(row) == row.verdict, row.source


def test_the_published_policies_are_many_and_differ() -> None:
    assert len(PUBLISHED) >= 60
    assert len({(row.sort, row.title) for row in PUBLISHED}) == len(PUBLISHED)
    assert {EXACT, OVER, UNDER, BOTH, OPEN} <= {row.verdict for row in PUBLISHED}
