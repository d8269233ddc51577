# What the submodule iam-assumable-role-with-oidc of the registry module terraform-aws-modules/iam makes of its inputs, in 5.
# Names and defaults are facts about that module; the code is forebay's own.

variable "create_role" {
  type    = bool
  default = false
}

variable "role_name" {
  type    = string
  default = null
}

variable "role_name_prefix" {
  type    = string
  default = null
}

variable "role_path" {
  type    = string
  default = "/"
}

variable "role_permissions_boundary_arn" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "allow_self_assume_role" {
  type    = bool
  default = false
}

variable "provider_url" {
  type    = string
  default = ""
}

variable "provider_urls" {
  type    = list(string)
  default = []
}

variable "aws_account_id" {
  type    = string
  default = ""
}

variable "oidc_fully_qualified_subjects" {
  type    = set(string)
  default = []
}

variable "oidc_subjects_with_wildcards" {
  type    = set(string)
  default = []
}

variable "oidc_fully_qualified_audiences" {
  type    = set(string)
  default = []
}

variable "provider_trust_policy_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}

variable "role_policy_arns" {
  type    = list(string)
  default = []
}

variable "inline_policy_statements" {
  default = []
}

# What makes no record of ours.
variable "number_of_role_policy_arns" {
  default = null
}

variable "role_description" {
  default = null
}

variable "max_session_duration" {
  default = null
}

variable "force_detach_policies" {
  default = null
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  account = var.aws_account_id != "" ? var.aws_account_id : data.aws_caller_identity.this.account_id
  hosts   = [for url in distinct(compact(concat(var.provider_urls, [var.provider_url]))) : replace(url, "https://", "")]
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = var.allow_self_assume_role ? ["${var.role_path}${var.role_name != null ? var.role_name : "${var.role_name_prefix}*"}"] : []
    iterator = path

    content {
      actions = ["sts:AssumeRole"]

      principals {
        type        = "AWS"
        identifiers = ["*"]
      }

      condition {
        test     = "ArnLike"
        variable = "aws:PrincipalArn"
        values   = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:role${path.value}"]
      }
    }
  }

  dynamic "statement" {
    for_each = local.hosts
    iterator = host

    content {
      actions = ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]

      principals {
        type        = "Federated"
        identifiers = ["arn:${data.aws_partition.this.partition}:iam::${local.account}:oidc-provider/${host.value}"]
      }

      dynamic "condition" {
        for_each = concat(
          length(var.oidc_fully_qualified_subjects) == 0 ? [] : [{ test = "StringEquals", variable = "${host.value}:sub", values = var.oidc_fully_qualified_subjects }],
          length(var.oidc_subjects_with_wildcards) == 0 ? [] : [{ test = "StringLike", variable = "${host.value}:sub", values = var.oidc_subjects_with_wildcards }],
          length(var.oidc_fully_qualified_audiences) == 0 ? [] : [{ test = "StringLike", variable = "${host.value}:aud", values = var.oidc_fully_qualified_audiences }],
          var.provider_trust_policy_conditions,
        )
        iterator = more

        content {
          test     = more.value.test
          variable = more.value.variable
          values   = more.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count = var.create_role ? 1 : 0

  name                 = var.role_name
  name_prefix          = var.role_name_prefix
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn == "" ? null : var.role_permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "custom" {
  count = var.create_role ? length(var.role_policy_arns) : 0

  role       = aws_iam_role.this[0].name
  policy_arn = var.role_policy_arns[count.index]
}

data "aws_iam_policy_document" "own" {
  dynamic "statement" {
    for_each = var.inline_policy_statements
    iterator = given

    content {
      sid           = try(given.value.sid, null)
      effect        = try(given.value.effect, null)
      actions       = try(given.value.actions, null)
      not_actions   = try(given.value.not_actions, null)
      resources     = try(given.value.resources, null)
      not_resources = try(given.value.not_resources, null)

      dynamic "condition" {
        for_each = try(given.value.conditions, [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role_policy" "inline" {
  count = var.create_role && length(var.inline_policy_statements) > 0 ? 1 : 0

  role   = aws_iam_role.this[0].name
  policy = data.aws_iam_policy_document.own.json
}

output "iam_role_arn" {
  value = try(aws_iam_role.this[0].arn, "")
}

output "iam_role_name" {
  value = try(aws_iam_role.this[0].name, "")
}

output "iam_role_path" {
  value = try(aws_iam_role.this[0].path, "")
}

output "iam_role_unique_id" {
  value = try(aws_iam_role.this[0].unique_id, "")
}
