# What the registry module schubergphilis/mcaf-ecr makes of its inputs, from 1.0 on. Names, defaults and the
# list of actions are facts about that module; the code is forebay's own and makes only what forebay looks at.

variable "repository_names" {
  type = list(string)
}

variable "principals_readonly_access" {
  type    = list(string)
  default = []
}

variable "additional_ecr_policy_statements" {
  type = map(object({
    effect = string
    principal = object({
      type        = string
      identifiers = list(string)
    })
    actions = list(string)
    condition = optional(list(object({
      test     = string
      variable = string
      values   = list(string)
    })), [])
  }))
  default = null
}

variable "image_tag_mutability" {
  type    = string
  default = "IMMUTABLE"
}

variable "kms_key_arn" {
  type    = string
  default = null
}

variable "enable_lifecycle_policy" {
  type    = bool
  default = true
}

variable "custom_lifecycle_policy_rules" {
  type    = string
  default = null
}

variable "image_tag_mutability_exclusion_filter" {
  default = null
}

variable "force_delete" {
  default = null
}

variable "max_image_days" {
  default = null
}

variable "repository_tags" {
  default = null
}

variable "scan_images_on_push" {
  default = null
}

variable "tags" {
  default = null
}

locals {
  names      = toset(var.repository_names)
  has_policy = length(var.principals_readonly_access) > 0 || var.additional_ecr_policy_statements != null
}

resource "aws_ecr_repository" "default" {
  for_each = local.names

  name                 = each.value
  image_tag_mutability = var.image_tag_mutability

  encryption_configuration {
    encryption_type = var.kms_key_arn == null ? "AES256" : "KMS"
    kms_key         = var.kms_key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "default" {
  for_each = var.enable_lifecycle_policy && try(length(var.custom_lifecycle_policy_rules), 0) > 0 ? local.names : []

  repository = aws_ecr_repository.default[each.value].id
  policy     = var.custom_lifecycle_policy_rules
}

data "aws_iam_policy_document" "default" {
  dynamic "statement" {
    for_each = length(var.principals_readonly_access) > 0 && !contains(try(keys(var.additional_ecr_policy_statements), []), "ReadonlyAccess") ? [var.principals_readonly_access] : []

    content {
      sid = "ReadonlyAccess"
      actions = [
        "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImageScanFindings",
        "ecr:DescribeImages", "ecr:DescribeRepositories", "ecr:GetDownloadUrlForLayer",
        "ecr:GetLifecyclePolicy", "ecr:GetLifecyclePolicyPreview", "ecr:GetRepositoryPolicy",
        "ecr:ListImages", "ecr:ListTagsForResource",
      ]

      principals {
        type        = "AWS"
        identifiers = [for account in statement.value : "arn:aws:iam::${account}:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = coalesce(var.additional_ecr_policy_statements, {})

    content {
      sid     = statement.key
      effect  = title(statement.value.effect)
      actions = statement.value.actions

      principals {
        type        = title(statement.value.principal.type)
        identifiers = statement.value.principal.identifiers
      }

      dynamic "condition" {
        for_each = statement.value.condition

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_ecr_repository_policy" "default" {
  for_each = local.has_policy ? local.names : []

  repository = aws_ecr_repository.default[each.value].id
  policy     = data.aws_iam_policy_document.default.json
}
