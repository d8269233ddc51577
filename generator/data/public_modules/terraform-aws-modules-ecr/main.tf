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

# What the repository's own policy is built from.
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

# Of what the module lets its readers do, only what pulls; the rest asks about images and gives none.
data "aws_iam_policy_document" "repository" {
  statement {
    sid     = "PrivateReadOnly"
    actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

    principals {
      type = "AWS"
      identifiers = coalescelist(
        concat(var.repository_read_access_arns, var.repository_read_write_access_arns),
        ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root"],
      )
    }
  }

  dynamic "statement" {
    for_each = length(var.repository_lambda_read_access_arns) > 0 ? [var.repository_lambda_read_access_arns] : []
    iterator = functions

    content {
      sid     = "PrivateLambdaReadOnly"
      actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]

      principals {
        type        = "Service"
        identifiers = ["lambda.amazonaws.com"]
      }

      condition {
        test     = "StringLike"
        variable = "aws:sourceArn"
        values   = functions.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.repository_read_write_access_arns) > 0 ? [var.repository_read_write_access_arns] : []
    iterator = writers

    content {
      sid     = "ReadWrite"
      actions = ["ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]

      principals {
        type        = "AWS"
        identifiers = writers.value
      }
    }
  }

  dynamic "statement" {
    for_each = var.repository_policy_statements == null ? {} : var.repository_policy_statements
    iterator = given

    content {
      sid           = try(given.value.sid, null)
      effect        = try(given.value.effect, null)
      actions       = try(given.value.actions, null)
      not_actions   = try(given.value.not_actions, null)
      resources     = try(given.value.resources, null)
      not_resources = try(given.value.not_resources, null)

      dynamic "principals" {
        for_each = try([for each_one in given.value.principals : each_one], [])

        content {
          type        = principals.value.type
          identifiers = principals.value.identifiers
        }
      }

      dynamic "not_principals" {
        for_each = try([for each_one in given.value.not_principals : each_one], [])

        content {
          type        = not_principals.value.type
          identifiers = not_principals.value.identifiers
        }
      }

      dynamic "condition" {
        for_each = try([for each_one in given.value.conditions : each_one], [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

locals {
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
  policy     = var.create_repository_policy ? data.aws_iam_policy_document.repository.json : var.repository_policy
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
