# What the submodule repository-template of the registry module terraform-aws-modules/ecr makes of its
# inputs, from 2.2 on. Names and defaults are facts about that module; the code is forebay's own.

variable "create" {
  type    = bool
  default = true
}

variable "region" {
  type    = string
  default = null
}

variable "tags" {
  default = {}
}

variable "prefix" {
  type    = string
  default = ""
}

variable "applied_for" {
  type    = list(string)
  default = ["PULL_THROUGH_CACHE"]
}

variable "custom_role_arn" {
  type    = string
  default = null
}

variable "description" {
  type    = string
  default = null
}

variable "encryption_type" {
  type    = string
  default = "AES256"
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "image_tag_mutability" {
  type    = string
  default = "IMMUTABLE"
}

variable "image_tag_mutability_exclusion_filter" {
  type    = list(object({ filter = string, filter_type = string }))
  default = null
}

variable "lifecycle_policy" {
  type    = string
  default = null
}

variable "create_repository_policy" {
  type    = bool
  default = true
}

variable "repository_policy" {
  type    = string
  default = null
}

# What the policy of new repositories is built from, unless it is given as a whole.
variable "repository_read_access_arns" {
  default = []
}

variable "repository_lambda_read_access_arns" {
  default = []
}

variable "repository_read_write_access_arns" {
  default = []
}

variable "repository_policy_statements" {
  default = {}
}

variable "resource_tags" {
  type    = map(string)
  default = {}
}

variable "create_pull_through_cache_rule" {
  type    = bool
  default = false
}

variable "credential_arn" {
  type    = string
  default = null
}

variable "upstream_registry_url" {
  type    = string
  default = null
}

variable "create_iam_role" {
  type    = bool
  default = true
}

variable "iam_role_name" {
  type    = string
  default = null
}

variable "iam_role_use_name_prefix" {
  type    = bool
  default = true
}

variable "iam_role_path" {
  type    = string
  default = null
}

variable "iam_role_description" {
  default = null
}

variable "iam_role_permissions_boundary" {
  type    = string
  default = null
}

variable "iam_role_tags" {
  default = {}
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  readers = concat(var.repository_read_access_arns, var.repository_read_write_access_arns)
  # Without more inputs, those named and else the account itself may read.
  is_default = alltrue([
    for list in [var.repository_lambda_read_access_arns, var.repository_read_write_access_arns, var.repository_policy_statements] :
    list == null ? true : try(length(list), 1) == 0
  ])
  own_policy = local.is_default ? local.default_policy : local.policy_built_by_the_module
  default_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "PrivateReadOnly"
      Effect    = "Allow"
      Principal = { AWS = length(local.readers) > 0 ? local.readers : ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"] }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
  uses_kms   = var.encryption_type == "KMS"
  makes_role = var.create && var.create_iam_role && (local.uses_kms || length(var.resource_tags) > 0)
  role_name  = var.iam_role_name == null || var.iam_role_name == "" ? var.prefix : var.iam_role_name
}

resource "aws_ecr_repository_creation_template" "this" {
  count = var.create ? 1 : 0

  region               = var.region
  prefix               = var.prefix
  applied_for          = var.applied_for
  custom_role_arn      = local.makes_role ? aws_iam_role.this[0].arn : var.custom_role_arn
  description          = var.description
  image_tag_mutability = var.image_tag_mutability
  lifecycle_policy     = var.lifecycle_policy
  repository_policy    = var.create_repository_policy ? local.own_policy : var.repository_policy
  resource_tags        = var.resource_tags

  dynamic "encryption_configuration" {
    for_each = var.encryption_type == null ? [] : [var.encryption_type]

    content {
      encryption_type = encryption_configuration.value
      kms_key         = local.uses_kms ? var.kms_key_arn : null
    }
  }

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = var.image_tag_mutability_exclusion_filter == null ? [] : var.image_tag_mutability_exclusion_filter

    content {
      filter      = image_tag_mutability_exclusion_filter.value.filter
      filter_type = image_tag_mutability_exclusion_filter.value.filter_type
    }
  }
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  count = var.create && var.create_pull_through_cache_rule ? 1 : 0

  region                = var.region
  ecr_repository_prefix = var.prefix
  upstream_registry_url = var.upstream_registry_url
  credential_arn        = var.credential_arn
}

resource "aws_iam_role" "this" {
  count = local.makes_role ? 1 : 0

  # The characters behind a name's beginning are chosen at apply.
  name                 = var.iam_role_use_name_prefix ? local.name_known_after_apply : local.role_name
  path                 = var.iam_role_path
  permissions_boundary = var.iam_role_permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ecr.amazonaws.com" }
    }]
  })
}

resource "aws_iam_policy" "this" {
  count = local.makes_role ? 1 : 0

  name   = var.iam_role_use_name_prefix ? local.name_known_after_apply : local.role_name
  policy = local.policy_built_by_the_module
}

resource "aws_iam_role_policy_attachment" "this" {
  count = local.makes_role ? 1 : 0

  role       = aws_iam_role.this[0].name
  policy_arn = aws_iam_policy.this[0].arn
}
