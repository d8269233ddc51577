# What the registry module terraform-aws-modules/ecr makes of its inputs. Names and defaults are facts
# about that module; the code is forebay's own and makes only what forebay looks at. Older versions leave out
# what a rule may be given besides: `local.since` says which version is taken.

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

variable "repository_type" {
  type    = string
  default = "private"
}

variable "create_repository" {
  type    = bool
  default = true
}

variable "repository_name" {
  type    = string
  default = ""
}

variable "repository_image_tag_mutability" {
  type    = string
  default = "IMMUTABLE"
}

variable "repository_image_tag_mutability_exclusion_filter" {
  default = null
}

variable "repository_encryption_type" {
  type    = string
  default = null
}

variable "repository_kms_key" {
  type    = string
  default = null
}

variable "repository_image_scan_on_push" {
  type    = bool
  default = true
}

variable "repository_force_delete" {
  default = null
}

variable "attach_repository_policy" {
  type    = bool
  default = true
}

variable "create_repository_policy" {
  type    = bool
  default = true
}

variable "repository_policy" {
  type    = string
  default = null
}

# What the repository's own policy is built from: it says nothing about the registry.
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

variable "create_lifecycle_policy" {
  default = true
}

variable "repository_lifecycle_policy" {
  default = ""
}

variable "public_repository_catalog_data" {
  default = null
}

variable "create_registry_policy" {
  type    = bool
  default = false
}

variable "registry_policy" {
  type    = string
  default = null
}

variable "registry_pull_through_cache_rules" {
  type = map(object({
    ecr_repository_prefix      = string
    upstream_registry_url      = string
    credential_arn             = optional(string)
    custom_role_arn            = optional(string)
    upstream_repository_prefix = optional(string)
    region                     = optional(string)
  }))
  default = {}
}

variable "manage_registry_scanning_configuration" {
  default = false
}

variable "registry_scan_type" {
  default = "ENHANCED"
}

variable "registry_scan_rules" {
  default = null
}

variable "create_registry_replication_configuration" {
  default = false
}

variable "registry_replication_rules" {
  default = null
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
  makes_repository = var.create && var.create_repository && var.repository_type == "private"
}

resource "aws_ecr_repository" "this" {
  count = local.makes_repository ? 1 : 0

  region               = var.region
  name                 = var.repository_name
  image_tag_mutability = var.repository_image_tag_mutability

  encryption_configuration {
    encryption_type = var.repository_encryption_type
    kms_key         = var.repository_kms_key
  }

  image_scanning_configuration {
    scan_on_push = var.repository_image_scan_on_push
  }
}

resource "aws_ecr_repository_policy" "this" {
  count = local.makes_repository && var.attach_repository_policy ? 1 : 0

  region     = var.region
  repository = aws_ecr_repository.this[0].name
  policy     = var.create_repository_policy ? local.own_policy : var.repository_policy
}

resource "aws_ecr_registry_policy" "this" {
  count = var.create && var.create_registry_policy ? 1 : 0

  region = var.region
  policy = var.registry_policy
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.create ? var.registry_pull_through_cache_rules : {}

  region                     = local.since["3.0.0"] && each.value.region != null ? each.value.region : var.region
  ecr_repository_prefix      = each.value.ecr_repository_prefix
  upstream_registry_url      = each.value.upstream_registry_url
  credential_arn             = local.since["2.1.1"] ? each.value.credential_arn : null
  custom_role_arn            = local.since["2.4.0"] ? each.value.custom_role_arn : null
  upstream_repository_prefix = local.since["2.4.0"] ? each.value.upstream_repository_prefix : null
}
