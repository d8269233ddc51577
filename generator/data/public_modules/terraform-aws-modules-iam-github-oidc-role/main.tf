# What the submodule iam-github-oidc-role of the registry module terraform-aws-modules/iam makes of its inputs, in 5.
# Names and defaults are facts about that module; the code is forebay's own.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = null
}

variable "name_prefix" {
  type    = string
  default = null
}

variable "path" {
  type    = string
  default = "/"
}

variable "permissions_boundary_arn" {
  type    = string
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

variable "policies" {
  type    = map(string)
  default = {}
}

variable "audience" {
  type    = string
  default = "sts.amazonaws.com"
}

variable "subject_condition" {
  type    = string
  default = "StringLike"
}

variable "subjects" {
  type    = list(string)
  default = []
}

variable "provider_url" {
  type    = string
  default = "token.actions.githubusercontent.com"
}

variable "additional_trust_policy_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}

# What makes no record of ours.
variable "description" {
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
  host = replace(var.provider_url, "https://", "")
}

data "aws_iam_policy_document" "trust" {
  statement {
    sid     = "GithubOidcAuth"
    actions = ["sts:TagSession", "sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:oidc-provider/${local.host}"]
    }

    dynamic "condition" {
      for_each = concat(
        [
          { test = "ForAllValues:StringEquals", variable = "${local.host}:iss", values = ["https://${local.host}"] },
          { test = "ForAllValues:StringEquals", variable = "${local.host}:aud", values = [var.audience] },
          { test = var.subject_condition, variable = "${local.host}:sub", values = [for subject in var.subjects : "repo:${trimprefix(subject, "repo:")}"] },
        ],
        var.additional_trust_policy_conditions,
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

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name                 = var.name
  name_prefix          = var.name_prefix
  path                 = var.path
  permissions_boundary = var.permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.create ? var.policies : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

output "arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "path" {
  value = try(aws_iam_role.this[0].path, null)
}

output "unique_id" {
  value = try(aws_iam_role.this[0].unique_id, null)
}
