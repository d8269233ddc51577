# What the submodule iam-assumable-roles of the registry module terraform-aws-modules/iam makes of its inputs, in 5.
# Names and defaults are facts about that module; the code is forebay's own.

variable "trusted_role_actions" {
  type    = list(string)
  default = ["sts:AssumeRole", "sts:TagSession"]
}

variable "trusted_role_arns" {
  type    = list(string)
  default = []
}

variable "trusted_role_services" {
  type    = list(string)
  default = []
}

variable "trust_policy_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}

variable "mfa_age" {
  type    = number
  default = 86400
}

variable "allow_self_assume_role" {
  type    = bool
  default = false
}

variable "create_admin_role" {
  type    = bool
  default = false
}

variable "admin_role_name" {
  type    = string
  default = "admin"
}

variable "admin_role_path" {
  type    = string
  default = "/"
}

variable "admin_role_requires_mfa" {
  type    = bool
  default = true
}

variable "admin_role_policy_arns" {
  type    = list(string)
  default = ["arn:aws:iam::aws:policy/AdministratorAccess"]
}

variable "admin_role_permissions_boundary_arn" {
  type    = string
  default = ""
}

variable "admin_role_tags" {
  type    = map(string)
  default = {}
}

variable "create_poweruser_role" {
  type    = bool
  default = false
}

variable "poweruser_role_name" {
  type    = string
  default = "poweruser"
}

variable "poweruser_role_path" {
  type    = string
  default = "/"
}

variable "poweruser_role_requires_mfa" {
  type    = bool
  default = true
}

variable "poweruser_role_policy_arns" {
  type    = list(string)
  default = ["arn:aws:iam::aws:policy/PowerUserAccess"]
}

variable "poweruser_role_permissions_boundary_arn" {
  type    = string
  default = ""
}

variable "poweruser_role_tags" {
  type    = map(string)
  default = {}
}

variable "create_readonly_role" {
  type    = bool
  default = false
}

variable "readonly_role_name" {
  type    = string
  default = "readonly"
}

variable "readonly_role_path" {
  type    = string
  default = "/"
}

variable "readonly_role_requires_mfa" {
  type    = bool
  default = true
}

variable "readonly_role_policy_arns" {
  type    = list(string)
  default = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]
}

variable "readonly_role_permissions_boundary_arn" {
  type    = string
  default = ""
}

variable "readonly_role_tags" {
  type    = map(string)
  default = {}
}

# What makes no record of ours.
variable "max_session_duration" {
  default = null
}

variable "force_detach_policies" {
  default = null
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  conditions = {
    any = []
    mfa = [
      { test = "Bool", variable = "aws:MultiFactorAuthPresent", values = ["true"] },
      { test = "NumericLessThan", variable = "aws:MultiFactorAuthAge", values = [tostring(var.mfa_age)] },
    ]
  }
}

data "aws_iam_policy_document" "trust" {
  for_each = local.conditions

  dynamic "statement" {
    for_each = var.allow_self_assume_role ? concat(
      var.create_admin_role ? ["${var.admin_role_path}${var.admin_role_name}"] : [],
      var.create_poweruser_role ? ["${var.poweruser_role_path}${var.poweruser_role_name}"] : [],
      var.create_readonly_role ? ["${var.readonly_role_path}${var.readonly_role_name}"] : [],
    ) : []
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

  statement {
    actions = distinct(concat(["sts:AssumeRole"], var.trusted_role_actions))

    principals {
      type        = "AWS"
      identifiers = var.trusted_role_arns
    }

    principals {
      type        = "Service"
      identifiers = var.trusted_role_services
    }

    dynamic "condition" {
      for_each = concat(each.value, var.trust_policy_conditions)
      iterator = more

      content {
        test     = more.value.test
        variable = more.value.variable
        values   = more.value.values
      }
    }
  }
}

resource "aws_iam_role" "admin" {
  count = var.create_admin_role ? 1 : 0

  name                 = var.admin_role_name
  path                 = var.admin_role_path
  permissions_boundary = var.admin_role_permissions_boundary_arn == "" ? null : var.admin_role_permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust[var.admin_role_requires_mfa ? "mfa" : "any"].json
  tags                 = var.admin_role_tags
}

resource "aws_iam_role_policy_attachment" "admin" {
  count = var.create_admin_role ? length(var.admin_role_policy_arns) : 0

  role       = aws_iam_role.admin[0].name
  policy_arn = var.admin_role_policy_arns[count.index]
}

resource "aws_iam_role" "poweruser" {
  count = var.create_poweruser_role ? 1 : 0

  name                 = var.poweruser_role_name
  path                 = var.poweruser_role_path
  permissions_boundary = var.poweruser_role_permissions_boundary_arn == "" ? null : var.poweruser_role_permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust[var.poweruser_role_requires_mfa ? "mfa" : "any"].json
  tags                 = var.poweruser_role_tags
}

resource "aws_iam_role_policy_attachment" "poweruser" {
  count = var.create_poweruser_role ? length(var.poweruser_role_policy_arns) : 0

  role       = aws_iam_role.poweruser[0].name
  policy_arn = var.poweruser_role_policy_arns[count.index]
}

resource "aws_iam_role" "readonly" {
  count = var.create_readonly_role ? 1 : 0

  name                 = var.readonly_role_name
  path                 = var.readonly_role_path
  permissions_boundary = var.readonly_role_permissions_boundary_arn == "" ? null : var.readonly_role_permissions_boundary_arn
  assume_role_policy   = data.aws_iam_policy_document.trust[var.readonly_role_requires_mfa ? "mfa" : "any"].json
  tags                 = var.readonly_role_tags
}

resource "aws_iam_role_policy_attachment" "readonly" {
  count = var.create_readonly_role ? length(var.readonly_role_policy_arns) : 0

  role       = aws_iam_role.readonly[0].name
  policy_arn = var.readonly_role_policy_arns[count.index]
}

output "admin_iam_role_arn" {
  value = try(aws_iam_role.admin[0].arn, "")
}

output "admin_iam_role_name" {
  value = try(aws_iam_role.admin[0].name, "")
}

output "admin_iam_role_path" {
  value = try(aws_iam_role.admin[0].path, "")
}

output "admin_iam_role_unique_id" {
  value = try(aws_iam_role.admin[0].unique_id, "")
}

output "admin_iam_role_requires_mfa" {
  value = var.admin_role_requires_mfa
}

output "poweruser_iam_role_arn" {
  value = try(aws_iam_role.poweruser[0].arn, "")
}

output "poweruser_iam_role_name" {
  value = try(aws_iam_role.poweruser[0].name, "")
}

output "poweruser_iam_role_path" {
  value = try(aws_iam_role.poweruser[0].path, "")
}

output "poweruser_iam_role_unique_id" {
  value = try(aws_iam_role.poweruser[0].unique_id, "")
}

output "poweruser_iam_role_requires_mfa" {
  value = var.poweruser_role_requires_mfa
}

output "readonly_iam_role_arn" {
  value = try(aws_iam_role.readonly[0].arn, "")
}

output "readonly_iam_role_name" {
  value = try(aws_iam_role.readonly[0].name, "")
}

output "readonly_iam_role_path" {
  value = try(aws_iam_role.readonly[0].path, "")
}

output "readonly_iam_role_unique_id" {
  value = try(aws_iam_role.readonly[0].unique_id, "")
}

output "readonly_iam_role_requires_mfa" {
  value = var.readonly_role_requires_mfa
}
