"""Estates that run already: hand-written code of two accounts, and two accounts that API calls filled."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localaws.local import LocalAws

PLATFORM, SHOP = "111122223333", "222233334444"
HAND_WRITTEN = {
    "legacy/platform/stays.tf": """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/docker-hub"
}

resource "aws_secretsmanager_secret_version" "hub" {
  secret_id     = aws_secretsmanager_secret.hub.id
  secret_string = jsonencode({ username = "reader", accessToken = "only-for-the-test" })
}
""",
    "legacy/platform/main.tf": """
locals {
  hosts = { quay = "quay.io", k8s = "registry.k8s.io" }
}

resource "aws_ecr_pull_through_cache_rule" "public" {
  for_each              = local.hosts
  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.hub.arn
  depends_on            = [aws_secretsmanager_secret_version.hub]
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix               = "quay"
  description          = "Of the platform team."
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "MUTABLE"
}

resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V2"
}

resource "aws_ecr_registry_policy" "pulls" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ShopNodes"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222233334444:root" }
      Action    = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
      Condition = { ArnEquals = { "aws:PrincipalArn" = "arn:aws:iam::222233334444:role/eks-node" } }
    }]
  })
}
""",
    "legacy/shop/stays.tf": """
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222233334444"]
}

resource "aws_iam_role" "node" {
  name = "eks-node"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}
""",
    "legacy/shop/main.tf": """
resource "aws_iam_policy" "pull" {
  name        = "forebay-nodes"
  description = "Lets our nodes pull."
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] },
      {
        Effect   = "Allow"
        Action   = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
        Resource = ["arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"]
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "pull" {
  role       = aws_iam_role.node.name
  policy_arn = aws_iam_policy.pull.arn
}
""",
}

AS_IN_PUBLIC = {
    "legacy/hub/providers.tf": """
provider "aws" {
  region = "eu-west-1"
}

provider "aws" {
  alias  = "us"
  region = "us-east-1"
}

variable "tokens" {
  type    = bool
  default = true
}

data "aws_secretsmanager_secret" "hub" {
  count = var.tokens ? 1 : 0
  name  = "ecr-pullthroughcache/docker-hub"
}

data "aws_caller_identity" "here" {}
""",
    "legacy/hub/main.tf": """
locals {
  upstreams = {
    quay = { host = "quay.io", keep = 20 }
    k8s  = { host = "registry.k8s.io" }
    docker-hub = {
      host   = "registry-1.docker.io"
      secret = one(data.aws_secretsmanager_secret.hub[*].arn)
    }
  }
}

module "cache" {
  source   = "../modules/cache"
  for_each = local.upstreams

  prefix         = each.key
  host           = each.value.host
  credential_arn = try(each.value.secret, null)
  keep           = try(each.value.keep, null)
}

module "us" {
  source    = "../modules/cache"
  providers = { aws = aws.us }

  prefix = "quay"
  host   = "quay.io"
  moving = ["latest", "*-rc"]
}

resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix      = "base"
  upstream_registry_url      = "${data.aws_caller_identity.here.account_id}.dkr.ecr.us-east-1.amazonaws.com"
  upstream_repository_prefix = "base"
}
""",
    "legacy/modules/cache/main.tf": """
variable "prefix" { type = string }
variable "host" { type = string }
variable "credential_arn" {
  type    = string
  default = null
}
variable "keep" {
  type    = number
  default = null
}
variable "moving" {
  type    = list(string)
  default = []
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  ecr_repository_prefix = var.prefix
  upstream_registry_url = var.host
  credential_arn        = var.credential_arn
}

resource "aws_ecr_repository_creation_template" "this" {
  count = var.keep != null || length(var.moving) > 0 ? 1 : 0

  prefix               = aws_ecr_pull_through_cache_rule.this.ecr_repository_prefix
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = length(var.moving) > 0 ? "IMMUTABLE_WITH_EXCLUSION" : "MUTABLE"

  lifecycle_policy = var.keep == null ? null : jsonencode({
    rules = [{
      rulePriority = 1
      description  = "Keep ${coalesce(var.keep, 1)}"
      selection = {
        tagStatus   = "any"
        countType   = "imageCountMoreThan"
        countNumber = var.keep
      }
      action = { type = "expire" }
    }]
  })

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = var.moving

    content {
      filter      = image_tag_mutability_exclusion_filter.value
      filter_type = "WILDCARD"
    }
  }
}
""",
}
"""One account without its id, in two regions: a module for each upstream, and a secret that others made."""

READ = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]


def statements(*found: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(found)})


def allow(actions: list[str], *resources: str) -> dict[str, object]:
    return {"Effect": "Allow", "Action": actions, "Resource": list(resources)}


def trust(service: str) -> str:
    principal = {"Service": service}
    return statements({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def fill_platform(aws: LocalAws) -> None:
    """A registry that others pull from, as people make one in the console."""
    iam = aws.client("iam", account=PLATFORM)
    role = iam.create_role(
        RoleName="ecr-templates",
        AssumeRolePolicyDocument=trust("ecr.amazonaws.com"),
        Description="Tags what ECR creates.",
        Tags=[{"Key": "team", "Value": "platform"}],
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="ecr-templates",
        PolicyName="tags",
        PolicyDocument=statements(allow(["ecr:CreateRepository", "ecr:TagResource"], "*")),
    )
    iam.create_role(RoleName="admin", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.put_role_policy(
        RoleName="admin", PolicyName="all", PolicyDocument=statements(allow(["*"], "*"))
    )
    iam.create_role(RoleName="own-node", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    iam.put_role_policy(
        RoleName="own-node",
        PolicyName="pull",
        PolicyDocument=statements(allow([*READ, "ecr:GetAuthorizationToken"], "*")),
    )
    for region in ("eu-west-1", "us-east-1"):
        ecr = aws.client("ecr", account=PLATFORM, region=region)
        secret = aws.client("secretsmanager", account=PLATFORM, region=region).create_secret(
            Name="ecr-pullthroughcache/hub",
            SecretString=json.dumps({"username": "u", "accessToken": "only-for-the-test"}),
        )["ARN"]
        for prefix, host, more in (
            ("quay", "quay.io", {}),
            ("k8s", "registry.k8s.io", {}),
            ("docker-hub", "registry-1.docker.io", {"credentialArn": secret}),
        ):
            ecr.create_pull_through_cache_rule(
                ecrRepositoryPrefix=prefix, upstreamRegistryUrl=host, **more
            )
        ecr.create_repository_creation_template(
            prefix="quay",
            description="Of the platform team.",
            appliedFor=["PULL_THROUGH_CACHE"],
            resourceTags=[{"Key": "team", "Value": "platform"}],
            customRoleArn=role,
        )
        ecr.put_account_setting(name="REGISTRY_POLICY_SCOPE", value="V2")
        nodes = {"AWS": f"arn:aws:iam::{SHOP}:root"}
        quay = f"arn:aws:ecr:{region}:{PLATFORM}:repository/quay/*"
        condition = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{SHOP}:role/eks-node"}}
        grant = {**allow(READ, quay), "Principal": nodes, "Condition": condition}
        replicate = {
            "Sid": "Replicate",
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::333344445555:root"},
            "Action": "ecr:ReplicateImage",
            "Resource": f"arn:aws:ecr:{region}:{PLATFORM}:repository/*",
        }
        base = f"arn:aws:ecr:{region}:{PLATFORM}:repository/base/*"
        by_role = {"ArnEquals": {"aws:PrincipalArn": f"arn:aws:iam::{SHOP}:role/caches"}}
        caches = {
            **allow([*READ, "ecr:GetImageCopyStatus"], base),
            "Principal": nodes,
            "Condition": by_role,
        }
        asked = (caches,) if region == "eu-west-1" else ()
        ecr.put_registry_policy(policyText=statements(replicate, grant, *asked))


def fill_shop(aws: LocalAws) -> None:
    """An account whose nodes pull, and which caches from another account's registry by a role."""
    iam = aws.client("iam", account=SHOP)
    iam.create_role(RoleName="eks-node", AssumeRolePolicyDocument=trust("ec2.amazonaws.com"))
    arn = iam.create_policy(
        PolicyName="forebay-nodes",
        Description="Made by hand.",
        Tags=[{"Key": "team", "Value": "shop"}],
        PolicyDocument=statements(
            allow(["ecr:GetAuthorizationToken"], "*"),
            allow(
                READ,
                *(
                    f"arn:aws:ecr:{r}:{PLATFORM}:repository/quay/*"
                    for r in ("eu-west-1", "us-east-1")
                ),
            ),
        ),
    )["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="eks-node", PolicyArn=arn)
    role = iam.create_role(
        RoleName="caches", AssumeRolePolicyDocument=trust("pullthroughcache.ecr.amazonaws.com")
    )["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="caches",
        PolicyName="read",
        PolicyDocument=statements(allow(["ecr:*"], "*")),
    )
    ecr = aws.client("ecr", account=SHOP, region="eu-west-1")
    ecr.create_pull_through_cache_rule(
        ecrRepositoryPrefix="base",
        upstreamRegistryUrl=f"{PLATFORM}.dkr.ecr.eu-west-1.amazonaws.com",
        upstreamRepositoryPrefix="base",
        customRoleArn=role,
    )
    ecr.create_pull_through_cache_rule(
        ecrRepositoryPrefix="k8s", upstreamRegistryUrl="registry.k8s.io"
    )
