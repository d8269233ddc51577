"""Policies that AWS publishes, in our own words, with the verdict that a person would give.

Each row says where the policy stands, what sort it is, what it says, and what it does to one declared
access: every principal of one account pulls `quay/*` through the cache of another one. `GRANT` beside
a policy is the statement that gives just that.
"""

from dataclasses import dataclass

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
from generator.model.levels import PULL_THROUGH_SERVICE, Level

ECR_GUIDE = "docs.aws.amazon.com/AmazonECR/latest/userguide/"
IAM_GUIDE = "docs.aws.amazon.com/IAM/latest/UserGuide/"
KMS_GUIDE = "docs.aws.amazon.com/kms/latest/developerguide/"
SECRETS_GUIDE = "docs.aws.amazon.com/secretsmanager/latest/userguide/"
LAMBDA_GUIDE = "docs.aws.amazon.com/lambda/latest/dg/"
MANAGED = "docs.aws.amazon.com/aws-managed-policy/latest/reference/"
PERIMETER = "github.com/aws-samples/data-perimeter-policy-examples"

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
    made: Statement = {"Effect": effect, "Action": action}
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


GRANT = allow(PULLER, WHOLE_PULL, QUAY)


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

PUBLISHED = [
    *rows(
        "registry",
        (
            f"{ECR_GUIDE}registry-permissions-create-replication.html",
            "replication from one account",
            (GRANT, allow(OTHER, ("ecr:CreateRepository", "ecr:ReplicateImage"), ALL)),
            OVER,
        ),
        (
            f"{ECR_GUIDE}registry-permissions-examples.html",
            "replication of repositories with a prefix",
            (
                GRANT,
                allow(
                    OTHER,
                    ("ecr:CreateRepository", "ecr:ReplicateImage"),
                    f"arn:aws:ecr:{REGION}:{HUB}:repository/prod-*",
                ),
            ),
            OVER,
        ),
        (
            f"{ECR_GUIDE}pull-through-cache-iam.html",
            "a user of the account imports below a prefix, and nobody pulls",
            (
                allow(
                    {"AWS": f"arn:aws:iam::{ACCOUNTS[0]}:user/admin"},
                    ("ecr:BatchImportUpstreamImage",),
                    QUAY,
                ),
            ),
            UNDER,
        ),
        (
            f"{ECR_GUIDE}pull-through-cache-iam.html",
            "a user may also create repositories",
            (
                GRANT,
                allow(
                    {"AWS": f"arn:aws:iam::{ACCOUNTS[0]}:user/admin"},
                    ("ecr:CreateRepository", "ecr:BatchImportUpstreamImage"),
                    QUAY,
                ),
            ),
            OVER,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "everybody in the organization pulls",
            (allow("*", WHOLE_PULL, QUAY, StringEquals=ORG),),
            OVER,
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
            "functions of a foreign account",
            (GRANT, allow(LAMBDA, PULL, QUAY, StringLike=FUNCTION)),
            OVER,
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
            OPEN,
        ),
        (
            f"{ECR_GUIDE}repository-policy-examples.html",
            "not from one address",
            (GRANT, deny("*", "ecr:*", ALL, IpAddress={"aws:SourceIp": "54.240.143.188/32"})),
            OPEN,
        ),
        (
            f"{PERIMETER}/resource_based_policies/ecr_repository_policy.json",
            "identity perimeter: the organization, and services of AWS",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    ALL,
                    StringNotEqualsIfExists=ORG,
                    BoolIfExists={"aws:PrincipalIsAWSService": "false"},
                ),
            ),
            EXACT,
        ),
        (
            PERIMETER,
            "identity perimeter of another organization",
            (
                GRANT,
                deny("*", "ecr:*", ALL, StringNotEquals={"aws:PrincipalOrgID": "o-bbbbbbbbbb"}),
            ),
            UNDER,
        ),
        (
            PERIMETER,
            "network perimeter: a VPC, or through a service",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    ALL,
                    StringNotEqualsIfExists={"aws:SourceVpc": "vpc-0a1b2c3d4e5f67890"},
                    BoolIfExists={"aws:ViaAWSService": "false"},
                ),
            ),
            OPEN,
        ),
        (
            PERIMETER,
            "roles that a tag lets through the perimeter",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    ALL,
                    StringNotEqualsIfExists={
                        **ORG,
                        "aws:PrincipalTag/dp:exclude:identity": "true",
                    },
                ),
            ),
            EXACT,
        ),
        (
            f"{PERIMETER}/resource_control_policies",
            "AWS's own roles on instances alone",
            (
                GRANT,
                allow(
                    "*",
                    WHOLE_PULL,
                    QUAY,
                    ArnLike={"aws:PrincipalArn": "arn:aws:iam::*:role/aws:ec2-infrastructure"},
                ),
            ),
            OVER,
        ),
        (
            f"{PERIMETER}/resource_control_policies",
            "confused deputy: services for the organization alone",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    ALL,
                    StringNotEqualsIfExists={"aws:SourceOrgID": ORGANIZATION},
                    Null={"aws:SourceAccount": "false"},
                    Bool={"aws:PrincipalIsAWSService": "true"},
                ),
            ),
            EXACT,
        ),
        (
            f"{PERIMETER}/resource_control_policies",
            "TLS alone",
            (GRANT, deny("*", "*", "*", BoolIfExists={"aws:SecureTransport": "false"})),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-requested-region.html",
            "one region alone",
            (GRANT, deny("*", "ecr:*", "*", StringNotEquals={"aws:RequestedRegion": REGION})),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-requested-region.html",
            "another region alone",
            (GRANT, deny("*", "ecr:*", "*", StringNotEquals={"aws:RequestedRegion": "us-east-1"})),
            UNDER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_condition_operators.html",
            "a tag of the caller with a blank",
            (
                GRANT,
                allow(
                    OTHER,
                    "ecr:PutImage",
                    QUAY,
                    StringEquals={"aws:PrincipalTag/job-category": "Human Resources"},
                ),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}tutorial_attribute-based-access-control.html",
            "callers of the account with the tag of the repository",
            (
                allow(
                    PULLER,
                    WHOLE_PULL,
                    QUAY,
                    StringEquals={"aws:ResourceTag/team": "${aws:PrincipalTag/team}"},
                ),
            ),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_mfa-dates.html",
            "sign-in with a device",
            (GRANT, deny("*", "ecr:*", "*", BoolIfExists={"aws:MultiFactorAuthPresent": "false"})),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_principal.html",
            "everybody",
            (allow("*", WHOLE_PULL, QUAY),),
            OVER,
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
            f"{IAM_GUIDE}reference_policies_condition-keys.html",
            "a unit of the organization",
            (
                GRANT,
                allow(
                    "*",
                    PULL,
                    QUAY,
                    ForAnyStringLike={"aws:PrincipalOrgPaths": f"{ORGANIZATION}/r-ab12/ou-ab12-2*"},
                ),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html",
            "a Deny with ForAnyValue and IfExists that services escape",
            (
                GRANT,
                allow(LAMBDA, PULL, QUAY, StringLike=FUNCTION),
                deny(
                    "*",
                    "ecr:*",
                    ALL,
                    ForAnyStringNotLikeIfExists={"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"},
                ),
            ),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_resource.html",
            "a wildcard in the resource type",
            (GRANT, deny("*", "ecr:PutImage", f"arn:aws:ecr:{REGION}:{HUB}:repo*/*")),
            EXACT,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_resource.html",
            "a wildcard in the resource type of a Deny of pulls",
            (GRANT, deny("*", PULL, f"arn:aws:ecr:{REGION}:{HUB}:repo*/*")),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_variables.html",
            "a policy variable under a date",
            (
                GRANT,
                deny("*", PULL, ALL, DateLessThan={"aws:CurrentTime": "${aws:PrincipalAccount}"}),
            ),
            OPEN,
        ),
        (
            f"{IAM_GUIDE}reference_policies_elements_condition_operators.html",
            "only the registry's own account",
            (
                GRANT,
                deny(
                    "*",
                    "ecr:*",
                    ALL,
                    StringNotEquals={"aws:ResourceAccount": "${aws:PrincipalAccount}"},
                ),
            ),
            UNDER,
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
            f"{MANAGED}AmazonEC2ContainerRegistryFullAccess.html",
            "AmazonEC2ContainerRegistryFullAccess",
            (allow(None, "ecr:*", "*"),),
            OVER,
        ),
        (
            f"{MANAGED}AmazonECSTaskExecutionRolePolicy.html",
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
        *(
            (f"{MANAGED}{name}.html", name, (allow(None, actions, "*"),), UNDER)
            for name, actions in (
                ("AmazonEKSWorkerNodePolicy", ("ec2:DescribeInstances", "eks:DescribeCluster")),
                ("AmazonEKS_CNI_Policy", ("ec2:AssignPrivateIpAddresses", "ec2:CreateTags")),
                ("AmazonSSMManagedInstanceCore", ("ssm:UpdateInstanceInformation",)),
                ("CloudWatchAgentServerPolicy", ("cloudwatch:PutMetricData", "logs:PutLogEvents")),
                ("AWSLambdaBasicExecutionRole", ("logs:CreateLogGroup", "logs:PutLogEvents")),
            )
        ),
        (
            f"{ECR_GUIDE}pull-through-cache-iam.html",
            "a puller below one prefix",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
            ),
            EXACT,
        ),
        (
            f"{ECR_GUIDE}security_iam_id-based-policy-examples.html",
            "a puller whose token is granted on a repository",
            (allow(None, ("ecr:GetAuthorizationToken", *WHOLE_PULL), QUAY),),
            UNDER,
        ),
        (
            f"{MANAGED}AdministratorAccess.html",
            "AdministratorAccess",
            (allow(None, "*", "*"),),
            OVER,
        ),
        (
            f"{IAM_GUIDE}reference_policies_examples_aws_deny-requested-region.html",
            "a puller in one region",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                deny(
                    None, "*", "*", StringNotEquals={"aws:RequestedRegion": (REGION, "us-east-1")}
                ),
            ),
            EXACT,
        ),
        (
            PERIMETER,
            "a puller within the resources of the organization",
            (
                allow(None, WHOLE_PULL, QUAY),
                allow(None, "ecr:GetAuthorizationToken", "*"),
                deny(None, "*", "*", StringNotEquals={"aws:ResourceOrgID": ORGANIZATION}),
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
            "the service, for the account alone",
            (allow(SERVICE, "sts:AssumeRole", StringEquals={"aws:SourceAccount": HUB}),),
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
                {
                    **allow(
                        {
                            "Federated": f"arn:aws:iam::{HUB}:oidc-provider/"
                            "token.actions.githubusercontent.com"
                        },
                        "sts:AssumeRoleWithWebIdentity",
                        StringLike={"token.actions.githubusercontent.com:sub": "repo:acme/*"},
                    )
                },
            ),
            BOTH,
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
            f"{KMS_GUIDE}key-policy-default.html",
            "a key for the callers of an account through a service",
            (
                allow(
                    "*",
                    ("kms:Decrypt", "kms:CreateGrant"),
                    "*",
                    StringEquals={
                        "kms:CallerAccount": HUB,
                        "kms:ViaService": f"ecr.{REGION}.amazonaws.com",
                    },
                ),
            ),
            CLOSED,
        ),
        (
            f"{KMS_GUIDE}conditions-kms.html",
            "a key for whoever comes through a service",
            (
                allow(
                    "*",
                    "kms:Decrypt",
                    "*",
                    StringEquals={"kms:ViaService": f"ecr.{REGION}.amazonaws.com"},
                ),
            ),
            ANYBODY,
        ),
        (
            f"{KMS_GUIDE}key-policy-modifying-external-accounts.html",
            "a key for an organization",
            (allow("*", "kms:Decrypt", "*", StringEquals=ORG),),
            CLOSED,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret for an organization",
            (allow("*", "secretsmanager:GetSecretValue", "*", StringEquals=ORG),),
            CLOSED,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret for a VPC endpoint",
            (
                allow(
                    "*",
                    "secretsmanager:GetSecretValue",
                    "*",
                    StringEquals={"aws:SourceVpce": "vpce-0a1b2c3d"},
                ),
            ),
            NETWORK,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret for tagged callers",
            (
                allow(
                    "*",
                    "secretsmanager:GetSecretValue",
                    "*",
                    StringEquals={"aws:PrincipalTag/team": "data science"},
                ),
            ),
            ANYBODY,
        ),
        (
            f"{SECRETS_GUIDE}auth-and-access_examples.html",
            "a secret of one version",
            (
                allow(
                    "*",
                    "secretsmanager:GetSecretValue",
                    "*",
                    StringEquals={"secretsmanager:VersionStage": "AWSCURRENT"},
                ),
            ),
            ANYBODY,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-keys.html",
            "callers of an organization, if they have one",
            (allow("*", "kms:Decrypt", "*", StringEqualsIfExists=ORG),),
            ANYBODY,
        ),
        (
            f"{IAM_GUIDE}reference_policies_condition-single-vs-multi-valued-context-keys.html",
            "callers of a unit, with IfExists behind ForAnyValue",
            (
                allow(
                    "*",
                    "kms:Decrypt",
                    "*",
                    ForAnyStringLikeIfExists={"aws:PrincipalOrgPaths": f"{ORGANIZATION}/*"},
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
        return UNDER
    return OPEN if judgement.undecided else EXACT


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: f"{row.sort}: {row.title}")
def test_a_published_policy_gets_the_verdict_of_a_person(row: Published) -> None:
    assert verdict_on(row) == row.verdict, row.source


def test_the_published_policies_are_many_and_differ() -> None:
    assert len(PUBLISHED) >= 60
    assert len({(row.sort, row.title) for row in PUBLISHED}) == len(PUBLISHED)
    assert {EXACT, OVER, UNDER, BOTH, OPEN} <= {row.verdict for row in PUBLISHED}
