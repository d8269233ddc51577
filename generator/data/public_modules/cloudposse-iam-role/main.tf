# What the registry module cloudposse/iam-role makes of its inputs, from 0.16 on. Names and defaults are facts
# about that module; the code is forebay's own.

variable "enabled" {
  type    = bool
  default = null
}

variable "name" {
  type    = string
  default = null
}

variable "use_fullname" {
  type    = bool
  default = true
}

variable "principals" {
  type    = map(list(string))
  default = {}
}

variable "assume_role_actions" {
  type    = list(string)
  default = ["sts:AssumeRole", "sts:TagSession"]
}

variable "assume_role_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}

variable "assume_role_policy" {
  type    = string
  default = null
}

variable "policy_documents" {
  type    = list(string)
  default = []
}

variable "policy_document_count" {
  type    = number
  default = 1
}

variable "inline_policy_enabled" {
  type    = bool
  default = false
}

variable "managed_policy_arns" {
  type    = set(string)
  default = []
}

variable "managed_policy_arns_map" {
  type    = map(string)
  default = {}
}

variable "permissions_boundary" {
  type    = string
  default = ""
}

variable "path" {
  type    = string
  default = "/"
}

variable "tags" {
  type    = map(string)
  default = {}
}

# What makes no record of ours, and what goes into the label.
variable "role_description" {
  default = null
}

variable "max_session_duration" {
  default = null
}

variable "policy_name" {
  default = null
}

variable "policy_description" {
  default = null
}

variable "instance_profile_enabled" {
  default = null
}

variable "tags_enabled" {
  default = null
}

variable "context" {
  default = null
}

variable "namespace" {
  default = null
}

variable "tenant" {
  default = null
}

variable "environment" {
  default = null
}

variable "stage" {
  default = null
}

variable "delimiter" {
  default = null
}

variable "attributes" {
  default = null
}

variable "labels_as_tags" {
  default = null
}

variable "additional_tag_map" {
  default = null
}

variable "label_order" {
  default = null
}

variable "regex_replace_chars" {
  default = null
}

variable "id_length_limit" {
  default = null
}

variable "label_key_case" {
  default = null
}

variable "label_value_case" {
  default = null
}

variable "descriptor_formats" {
  default = null
}

locals {
  is_made     = var.enabled != false
  has_policy  = local.is_made && var.policy_document_count > 0
  is_attached = local.has_policy && !var.inline_policy_enabled
}

data "aws_iam_policy_document" "of" {
  for_each = var.principals

  statement {
    actions = var.assume_role_actions

    principals {
      type        = each.key
      identifiers = each.value
    }

    dynamic "condition" {
      for_each = var.assume_role_conditions

      content {
        test     = condition.value.test
        variable = condition.value.variable
        values   = condition.value.values
      }
    }
  }
}

data "aws_iam_policy_document" "trust" {
  override_policy_documents = var.assume_role_policy != null ? [var.assume_role_policy] : [for document in data.aws_iam_policy_document.of : document.json]
}

data "aws_iam_policy_document" "own" {
  override_policy_documents = var.policy_documents
}

resource "aws_iam_role" "default" {
  count = local.is_made ? 1 : 0

  name                 = var.use_fullname ? local.label_made_by_the_module : var.name
  path                 = var.path
  permissions_boundary = var.permissions_boundary == "" ? null : var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy" "default" {
  count = local.has_policy && var.inline_policy_enabled ? 1 : 0

  role   = aws_iam_role.default[0].name
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_policy" "default" {
  count = local.is_attached ? 1 : 0

  name   = local.label_made_by_the_module
  path   = var.path
  policy = data.aws_iam_policy_document.own.json
}

resource "aws_iam_role_policy_attachment" "default" {
  count = local.is_attached ? 1 : 0

  role       = aws_iam_role.default[0].name
  policy_arn = aws_iam_policy.default[0].arn
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = local.is_made ? merge({ for arn in var.managed_policy_arns : arn => arn }, var.managed_policy_arns_map) : {}

  role       = aws_iam_role.default[0].name
  policy_arn = each.value
}

output "name" {
  value = one(aws_iam_role.default[*].name)
}

output "id" {
  value = one(aws_iam_role.default[*].unique_id)
}

output "arn" {
  value = one(aws_iam_role.default[*].arn)
}

output "policy" {
  value = local.has_policy ? data.aws_iam_policy_document.own.json : null
}

output "instance_profile" {
  value = local.known_after_apply
}
