# What the submodule iam-eks-role of the registry module terraform-aws-modules/iam makes of its inputs, in 5.
# Names and defaults are facts about that module; the code is forebay's own.

variable "create_role" {
  type    = bool
  default = true
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

variable "role_policy_arns" {
  type    = map(string)
  default = {}
}

variable "cluster_service_accounts" {
  type    = map(list(string))
  default = {}
}

variable "assume_role_condition_test" {
  type    = string
  default = "StringEquals"
}

# What makes no record of ours.
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

  # Which provider a cluster's issuer is, only AWS knows.
  dynamic "statement" {
    for_each = var.cluster_service_accounts
    iterator = cluster

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:oidc-provider/${local.issuer_of_the_cluster}"]
      }

      condition {
        test     = var.assume_role_condition_test
        variable = "${local.issuer_of_the_cluster}:sub"
        values   = [for account in cluster.value : "system:serviceaccount:${account}"]
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

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.create_role ? var.role_policy_arns : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
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
