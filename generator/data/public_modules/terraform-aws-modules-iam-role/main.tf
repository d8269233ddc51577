# What the submodule iam-role of the registry module terraform-aws-modules/iam makes of its inputs, from 6.0
# on. Names and defaults are facts about that module; the code is forebay's own.

variable "create" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = null
}

variable "use_name_prefix" {
  type    = bool
  default = true
}

variable "path" {
  type    = string
  default = null
}

variable "permissions_boundary" {
  type    = string
  default = null
}

variable "trust_policy_permissions" {
  default = null
}

variable "trust_policy_conditions" {
  type    = list(object({ test = string, variable = string, values = list(string) }))
  default = []
}

variable "policies" {
  type    = map(string)
  default = {}
}

variable "enable_oidc" {
  type    = bool
  default = false
}

variable "oidc_account_id" {
  type    = string
  default = null
}

variable "oidc_provider_urls" {
  type    = list(string)
  default = []
}

variable "oidc_subjects" {
  type    = list(string)
  default = []
}

variable "oidc_wildcard_subjects" {
  type    = list(string)
  default = []
}

variable "oidc_audiences" {
  type    = list(string)
  default = []
}

variable "enable_github_oidc" {
  type    = bool
  default = false
}

variable "github_provider" {
  type    = string
  default = "token.actions.githubusercontent.com"
}

variable "enable_bitbucket_oidc" {
  type    = bool
  default = false
}

variable "enable_saml" {
  type    = bool
  default = false
}

variable "saml_provider_ids" {
  type    = list(string)
  default = []
}

variable "saml_endpoints" {
  type    = list(string)
  default = ["https://signin.aws.amazon.com/saml"]
}

variable "saml_trust_actions" {
  type    = list(string)
  default = []
}

variable "create_inline_policy" {
  type    = bool
  default = false
}

variable "source_inline_policy_documents" {
  type    = list(string)
  default = []
}

variable "override_inline_policy_documents" {
  type    = list(string)
  default = []
}

variable "inline_policy_permissions" {
  default = null
}

variable "tags" {
  type    = map(string)
  default = {}
}

# What makes no record of ours.
variable "description" {
  default = null
}

variable "max_session_duration" {
  default = null
}

variable "create_instance_profile" {
  default = false
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  hosts = [for url in var.oidc_provider_urls : replace(url, "https://", "")]
  web   = ["sts:TagSession", "sts:AssumeRoleWithWebIdentity"]

  # Each way to sign in: who vouches, the actions, and the conditions.
  ways = concat(
    [for host in(var.enable_oidc ? local.hosts : []) : {
      sid     = null
      actions = local.web
      from    = ["arn:${data.aws_partition.this.partition}:iam::${coalesce(var.oidc_account_id, data.aws_caller_identity.this.account_id)}:oidc-provider/${host}"]
      conditions = concat(
        length(var.oidc_subjects) == 0 ? [] : [{ test = "StringEquals", variable = "${host}:sub", values = var.oidc_subjects }],
        length(var.oidc_wildcard_subjects) == 0 ? [] : [{ test = "StringLike", variable = "${host}:sub", values = var.oidc_wildcard_subjects }],
        length(var.oidc_audiences) == 0 ? [] : [{ test = "StringEquals", variable = "${host}:aud", values = var.oidc_audiences }],
      )
    }],
    [for host in(var.enable_github_oidc ? [var.github_provider] : []) : {
      sid     = "GithubOidcAuth"
      actions = local.web
      from    = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:oidc-provider/${host}"]
      conditions = concat(
        [
          { test = "ForAllValues:StringEquals", variable = "${host}:iss", values = ["https://${host}"] },
          { test = "ForAllValues:StringEquals", variable = "${host}:aud", values = coalescelist(var.oidc_audiences, ["sts.amazonaws.com"]) },
        ],
        length(var.oidc_subjects) == 0 ? [] : [{ test = "StringEquals", variable = "${host}:sub", values = [for subject in var.oidc_subjects : "repo:${trimprefix(subject, "repo:")}"] }],
        length(var.oidc_wildcard_subjects) == 0 ? [] : [{ test = "StringLike", variable = "${host}:sub", values = [for subject in var.oidc_wildcard_subjects : "repo:${trimprefix(subject, "repo:")}"] }],
      )
    }],
    [for host in(var.enable_bitbucket_oidc && length(local.hosts) > 0 ? slice(local.hosts, 0, 1) : []) : {
      sid     = "BitbucketOidcAuth"
      actions = local.web
      from    = ["arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:oidc-provider/${host}"]
      conditions = concat(
        [{ test = "ForAllValues:StringEquals", variable = "${host}:aud", values = coalescelist(var.oidc_audiences, ["sts.amazonaws.com"]) }],
        length(var.oidc_subjects) == 0 ? [] : [{ test = "StringEquals", variable = "${host}:sub", values = var.oidc_subjects }],
        length(var.oidc_wildcard_subjects) == 0 ? [] : [{ test = "StringLike", variable = "${host}:sub", values = var.oidc_wildcard_subjects }],
      )
    }],
    [for ids in(var.enable_saml ? [var.saml_provider_ids] : []) : {
      sid        = null
      actions    = distinct(concat(["sts:TagSession", "sts:AssumeRoleWithSAML"], var.saml_trust_actions))
      from       = ids
      conditions = [{ test = "StringEquals", variable = "SAML:aud", values = var.saml_endpoints }]
    }],
  )
}

data "aws_iam_policy_document" "trust" {
  dynamic "statement" {
    for_each = local.ways
    iterator = way

    content {
      sid     = way.value.sid
      actions = way.value.actions

      principals {
        type        = "Federated"
        identifiers = way.value.from
      }

      dynamic "condition" {
        for_each = concat(way.value.conditions, var.trust_policy_conditions)
        iterator = each_condition

        content {
          test     = each_condition.value.test
          variable = each_condition.value.variable
          values   = each_condition.value.values
        }
      }
    }
  }

  dynamic "statement" {
    for_each = var.trust_policy_permissions == null ? {} : var.trust_policy_permissions
    iterator = given

    content {
      sid           = try(coalesce(given.value.sid, given.key), given.key)
      effect        = try(given.value.effect, "Allow")
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
        for_each = try([for each_one in given.value.condition : each_one], [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

data "aws_iam_policy_document" "own" {
  source_policy_documents   = var.source_inline_policy_documents
  override_policy_documents = var.override_inline_policy_documents

  dynamic "statement" {
    for_each = var.inline_policy_permissions == null ? {} : var.inline_policy_permissions
    iterator = given

    content {
      sid           = try(coalesce(given.value.sid, given.key), given.key)
      effect        = try(given.value.effect, "Allow")
      actions       = try(given.value.actions, null)
      not_actions   = try(given.value.not_actions, null)
      resources     = try(given.value.resources, null)
      not_resources = try(given.value.not_resources, null)

      dynamic "condition" {
        for_each = try([for each_one in given.value.condition : each_one], [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count = var.create ? 1 : 0

  name                 = var.use_name_prefix ? null : var.name
  name_prefix          = var.use_name_prefix ? "${var.name}-" : null
  path                 = var.path
  permissions_boundary = var.permissions_boundary
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  tags                 = var.tags
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.create ? var.policies : {}

  role       = aws_iam_role.this[0].name
  policy_arn = each.value
}

resource "aws_iam_role_policy" "inline" {
  count = var.create && var.create_inline_policy ? 1 : 0

  role        = aws_iam_role.this[0].name
  name        = var.use_name_prefix ? null : var.name
  name_prefix = var.use_name_prefix ? "${var.name}-" : null
  policy      = data.aws_iam_policy_document.own.json
}

output "name" {
  value = try(aws_iam_role.this[0].name, null)
}

output "arn" {
  value = try(aws_iam_role.this[0].arn, null)
}

output "unique_id" {
  value = try(aws_iam_role.this[0].unique_id, null)
}

output "instance_profile_arn" {
  value = local.instance_profile
}

output "instance_profile_id" {
  value = local.instance_profile
}

output "instance_profile_name" {
  value = local.instance_profile
}

output "instance_profile_unique_id" {
  value = local.instance_profile
}
