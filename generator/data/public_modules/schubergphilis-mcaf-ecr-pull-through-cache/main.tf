# What modules/pull-through-cache of the registry module schubergphilis/mcaf-ecr makes of its inputs. Names,
# defaults and the lists of actions are facts about that module; the code is forebay's own and makes only
# what forebay looks at.

variable "create" {
  type    = bool
  default = true
}

variable "create_ecr_repository_creation_role" {
  type    = bool
  default = true
}

variable "create_registry_policy" {
  type    = bool
  default = false
}

variable "custom_ecr_repository_creation_role_arn" {
  type    = string
  default = null
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "pull_through_cache_rules" {
  type = map(object({
    credential_arn        = optional(string)
    description           = optional(string)
    ecr_repository_prefix = string
    upstream_registry_url = string
  }))
}

variable "readonly_principals" {
  type    = list(string)
  default = []
}

variable "resource_tags" {
  type    = map(string)
  default = {}
}

data "aws_caller_identity" "here" {}

data "aws_region" "here" {}

locals {
  rules        = var.create ? var.pull_through_cache_rules : {}
  own          = "${data.aws_region.here.region}:${data.aws_caller_identity.here.account_id}"
  repositories = "arn:aws:ecr:${local.own}:repository/*"
  readers      = { AWS = [for account in var.readonly_principals : "arn:aws:iam::${account}:root"] }
}

resource "aws_ecr_pull_through_cache_rule" "default" {
  for_each = local.rules

  ecr_repository_prefix = each.value.ecr_repository_prefix
  upstream_registry_url = each.value.upstream_registry_url
  credential_arn        = each.value.credential_arn
}

resource "aws_ecr_registry_policy" "default" {
  count = var.create && var.create_registry_policy ? 1 : 0

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = local.readers
      Action    = ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"]
      Resource  = local.repositories
    }]
  })
}

resource "aws_iam_role" "template" {
  count = var.create && var.create_ecr_repository_creation_role ? 1 : 0

  name                 = "EcrRepositoryCreationTemplate"
  permissions_boundary = var.permissions_boundary == null ? null : "arn:aws:iam::${data.aws_caller_identity.here.account_id}:policy${var.permissions_boundary}"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecr.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "template" {
  count = var.create && var.create_ecr_repository_creation_role ? 1 : 0

  name = "EcrRepositoryCreationTemplate"
  role = aws_iam_role.template[0].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["kms:CreateGrant", "kms:RetireGrant", "kms:DescribeKey"]
        Resource = "arn:aws:kms:${local.own}:key/*"
      },
      {
        Effect   = "Allow"
        Action   = ["ecr:CreateRepository", "ecr:ReplicateImage", "ecr:TagResource", "ecr:BatchImportUpstreamImage"]
        Resource = local.repositories
      },
    ]
  })
}

resource "aws_ecr_repository_creation_template" "default" {
  for_each = local.rules

  prefix               = each.value.ecr_repository_prefix
  applied_for          = ["PULL_THROUGH_CACHE"]
  custom_role_arn      = try(aws_iam_role.template[0].arn, var.custom_ecr_repository_creation_role_arn)
  image_tag_mutability = "IMMUTABLE"
  resource_tags        = var.resource_tags
  repository_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AllowPull"
      Effect    = "Allow"
      Principal = local.readers
      Action = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:BatchImportUpstreamImage",
        "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer",
      ]
    }]
  })

  encryption_configuration {
    encryption_type = var.kms_key_arn == null ? "AES256" : "KMS"
    kms_key         = var.kms_key_arn
  }
}

output "ecr_pull_through_cache_rules" {
  value = {
    for key, rule in aws_ecr_pull_through_cache_rule.default : key => {
      id                    = rule.id
      ecr_repository_prefix = rule.ecr_repository_prefix
      upstream_registry_url = rule.upstream_registry_url
      credential_arn        = local.rules[key].credential_arn
    }
  }
}

output "ecr_registry_policy_id" {
  value = try(aws_ecr_registry_policy.default[0].id, null)
}

output "ecr_repository_creation_templates" {
  value = local.known_after_apply
}
