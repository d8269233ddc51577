# What the registry module terraform-aws-modules/secrets-manager makes of its inputs, from 1.1 on. Names and
# defaults are facts about that module; the code is forebay's own and makes only what forebay looks at.

variable "create" {
  type    = bool
  default = true
}

variable "region" {
  type    = string
  default = null
}

variable "name" {
  type    = string
  default = null
}

variable "name_prefix" {
  type    = string
  default = null
}

variable "kms_key_id" {
  type    = string
  default = null
}

variable "recovery_window_in_days" {
  type    = number
  default = null
}

variable "replica" {
  default = {}
}

variable "create_policy" {
  type    = bool
  default = false
}

# What the secret's policy is built from.
variable "source_policy_documents" {
  default = []
}

variable "override_policy_documents" {
  default = []
}

variable "policy_statements" {
  default = {}
}

variable "ignore_secret_changes" {
  type    = bool
  default = false
}

variable "enable_rotation" {
  type    = bool
  default = false
}

variable "create_random_password" {
  type    = bool
  default = false
}

variable "secret_string" {
  type    = string
  default = null
}

variable "secret_string_wo" {
  type    = string
  default = null
}

variable "secret_string_wo_version" {
  default = null
}

variable "version_stages" {
  type    = list(string)
  default = null
}

variable "tags" {
  default = null
}

variable "description" {
  default = null
}

variable "force_overwrite_replica_secret" {
  default = null
}

variable "block_public_policy" {
  default = null
}

variable "secret_binary" {
  default = null
}

variable "random_password_length" {
  default = null
}

variable "random_password_override_special" {
  default = null
}

variable "rotate_immediately" {
  default = null
}

variable "rotation_lambda_arn" {
  default = null
}

variable "rotation_rules" {
  default = null
}

locals {
  keeps = var.enable_rotation || var.ignore_secret_changes
}

resource "aws_secretsmanager_secret" "this" {
  count = var.create ? 1 : 0

  region                  = var.region
  name                    = var.name
  name_prefix             = var.name_prefix
  kms_key_id              = var.kms_key_id
  recovery_window_in_days = var.recovery_window_in_days

  dynamic "replica" {
    for_each = var.replica == null ? {} : var.replica

    content {
      region     = try(replica.value.region, null) == null ? replica.key : replica.value.region
      kms_key_id = try(replica.value.kms_key_id, null)
    }
  }
}

data "aws_iam_policy_document" "this" {
  source_policy_documents   = var.source_policy_documents
  override_policy_documents = var.override_policy_documents

  dynamic "statement" {
    for_each = var.policy_statements == null ? {} : var.policy_statements
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

      # Since 2.0 the list has the name that the provider gives its blocks.
      dynamic "condition" {
        for_each = local.since["2.0.0"] ? try([for each_one in given.value.condition : each_one], []) : try([for each_one in given.value.conditions : each_one], [])

        content {
          test     = condition.value.test
          variable = condition.value.variable
          values   = condition.value.values
        }
      }
    }
  }
}

resource "aws_secretsmanager_secret_policy" "this" {
  count = var.create && var.create_policy ? 1 : 0

  region     = var.region
  secret_arn = aws_secretsmanager_secret.this[0].arn
  policy     = data.aws_iam_policy_document.this.json
}

resource "aws_secretsmanager_secret_version" "this" {
  count = var.create && !local.keeps ? 1 : 0

  region           = var.region
  secret_id        = aws_secretsmanager_secret.this[0].id
  secret_string    = var.secret_string
  secret_string_wo = var.create_random_password ? local.password_made_by_the_module : var.secret_string_wo
  version_stages   = var.version_stages
}

resource "aws_secretsmanager_secret_version" "ignore_changes" {
  count = var.create && local.keeps ? 1 : 0

  region           = var.region
  secret_id        = aws_secretsmanager_secret.this[0].id
  secret_string    = var.secret_string
  secret_string_wo = var.create_random_password ? local.password_made_by_the_module : var.secret_string_wo
  version_stages   = var.version_stages

  lifecycle {
    ignore_changes = [secret_string, version_stages]
  }
}

output "secret_arn" {
  value = try(aws_secretsmanager_secret.this[0].arn, null)
}

output "secret_id" {
  value = try(aws_secretsmanager_secret.this[0].id, null)
}

output "secret_name" {
  value = try(aws_secretsmanager_secret.this[0].name, null)
}

output "secret_version_id" {
  value = local.id_known_after_apply
}

output "secret_replica" {
  value = local.replica_known_after_apply
}

output "secret_string" {
  value = var.secret_string
}

output "secret_binary" {
  value = var.secret_binary
}
