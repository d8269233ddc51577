# What the registry module cloudposse/eks-iam-role makes of its inputs, from 1.0 on. Names and defaults are facts
# about that module; the code is forebay's own.

variable "enabled" {
  type    = bool
  default = null
}

variable "service_account_name" {
  type    = string
  default = null
}

variable "service_account_namespace" {
  type    = string
  default = null
}

variable "service_account_namespace_name_list" {
  type    = list(string)
  default = []
}

variable "aws_account_number" {
  type    = string
  default = null
}

variable "aws_partition" {
  type    = string
  default = "aws"
}

variable "aws_iam_policy_document" {
  default = []
}

variable "eks_cluster_oidc_issuer_url" {
  type    = string
  default = ""
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "managed_policy_arns" {
  type    = set(string)
  default = []
}

variable "tags" {
  type    = map(string)
  default = {}
}

# What goes into the label.
variable "name" {
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

data "aws_caller_identity" "this" {}

locals {
  is_made  = var.enabled != false
  issuer   = replace(var.eks_cluster_oidc_issuer_url, "https://", "")
  is_named = var.service_account_name != null || var.service_account_namespace != null || length(var.service_account_namespace_name_list) == 0
  accounts = concat(
    local.is_named ? ["${coalesce(var.service_account_namespace, "*")}:${coalesce(var.service_account_name, "*")}"] : [],
    var.service_account_namespace_name_list,
  )
  document = try(var.aws_iam_policy_document[0], tostring(var.aws_iam_policy_document))
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]

    principals {
      type        = "Federated"
      identifiers = ["arn:${var.aws_partition}:iam::${coalesce(var.aws_account_number, data.aws_caller_identity.this.account_id)}:oidc-provider/${local.issuer}"]
    }

    condition {
      test     = "StringLike"
      variable = "${local.issuer}:sub"
      values   = [for account in local.accounts : "system:serviceaccount:${account}"]
    }
  }
}

resource "aws_iam_role" "service_account" {
  count = local.is_made ? 1 : 0

  name                 = local.label_made_by_the_module
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_policy" "service_account" {
  count = local.is_made && length(var.aws_iam_policy_document) > 0 ? 1 : 0

  name   = local.label_made_by_the_module
  policy = local.document
}

resource "aws_iam_role_policy_attachment" "service_account" {
  count = local.is_made && length(var.aws_iam_policy_document) > 0 ? 1 : 0

  role       = aws_iam_role.service_account[0].name
  policy_arn = aws_iam_policy.service_account[0].arn
}

resource "aws_iam_role_policy_attachment" "managed" {
  for_each = local.is_made ? var.managed_policy_arns : []

  role       = aws_iam_role.service_account[0].name
  policy_arn = each.value
}

output "service_account_namespace" {
  value = local.is_made ? var.service_account_namespace : null
}

output "service_account_name" {
  value = local.is_made ? var.service_account_name : null
}

output "service_account_role_name" {
  value = one(aws_iam_role.service_account[*].name)
}

output "service_account_role_arn" {
  value = one(aws_iam_role.service_account[*].arn)
}

output "service_account_role_unique_id" {
  value = one(aws_iam_role.service_account[*].unique_id)
}

output "service_account_policy_name" {
  value = one(aws_iam_policy.service_account[*].name)
}

output "service_account_policy_id" {
  value = one(aws_iam_policy.service_account[*].id)
}

output "service_account_policy_arn" {
  value = one(aws_iam_policy.service_account[*].arn)
}
