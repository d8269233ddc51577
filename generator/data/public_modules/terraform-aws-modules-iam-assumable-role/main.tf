# What the submodule iam-assumable-role of the registry module terraform-aws-modules/iam makes of its inputs, in 5.
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

variable "role_requires_mfa" {
  type    = bool
  default = true
}

variable "role_requires_session_name" {
  type    = bool
  default = false
}

variable "role_session_name" {
  type    = list(string)
  default = ["$${aws:username}"]
}

variable "role_sts_externalid" {
  default = []
}

variable "custom_role_trust_policy" {
  type    = string
  default = ""
}

variable "create_custom_role_trust_policy" {
  type    = bool
  default = false
}

variable "custom_role_policy_arns" {
  type    = list(string)
  default = []
}

variable "inline_policy_statements" {
  default = []
}

variable "attach_admin_policy" {
  type    = bool
  default = false
}

variable "attach_poweruser_policy" {
  type    = bool
  default = false
}

variable "attach_readonly_policy" {
  type    = bool
  default = false
}

variable "admin_role_policy_arn" {
  type    = string
  default = "arn:aws:iam::aws:policy/AdministratorAccess"
}

variable "poweruser_role_policy_arn" {
  type    = string
  default = "arn:aws:iam::aws:policy/PowerUserAccess"
}

variable "readonly_role_policy_arn" {
  type    = string
  default = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

# What makes no record of ours.
variable "number_of_custom_role_policy_arns" {
  default = null
}

variable "create_instance_profile" {
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
  # Before 5.30 a policy of one's own counted wherever one was given.
  takes_custom_trust = local.since["5.30.0"] ? var.create_custom_role_trust_policy : true

  conditions = concat(
    var.role_requires_mfa ? [
      { test = "Bool", variable = "aws:MultiFactorAuthPresent", values = ["true"] },
      { test = "NumericLessThan", variable = "aws:MultiFactorAuthAge", values = [tostring(var.mfa_age)] },
    ] : [],
    length(flatten([var.role_sts_externalid])) == 0 ? [] : [{ test = "StringEquals", variable = "sts:ExternalId", values = flatten([var.role_sts_externalid]) }],
    var.role_requires_session_name ? [{ test = "StringEquals", variable = "sts:RoleSessionName", values = var.role_session_name }] : [],
    var.trust_policy_conditions,
  )

  attached = concat(
    var.custom_role_policy_arns,
    var.attach_admin_policy ? [var.admin_role_policy_arn] : [],
    var.attach_poweruser_policy ? [var.poweruser_role_policy_arn] : [],
    var.attach_readonly_policy ? [var.readonly_role_policy_arn] : [],
  )
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
      for_each = local.conditions
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
  count = var.create_role ? 1 : 0

  name                 = var.role_name
  name_prefix          = var.role_name_prefix
  path                 = var.role_path
  permissions_boundary = var.role_permissions_boundary_arn == "" ? null : var.role_permissions_boundary_arn
  assume_role_policy   = local.takes_custom_trust ? coalesce(var.custom_role_trust_policy, data.aws_iam_policy_document.trust.json) : data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  count = var.create_role ? length(local.attached) : 0

  role       = aws_iam_role.this[0].name
  policy_arn = local.attached[count.index]
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

output "role_requires_mfa" {
  value = var.role_requires_mfa
}

output "role_sts_externalid" {
  value = var.role_sts_externalid
}

output "iam_instance_profile_arn" {
  value = local.known_after_apply
}

output "iam_instance_profile_name" {
  value = var.create_instance_profile == true ? var.role_name : ""
}

output "iam_instance_profile_id" {
  value = var.create_instance_profile == true ? var.role_name : ""
}

output "iam_instance_profile_path" {
  value = var.role_path
}
