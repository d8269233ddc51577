# What the registry module terraform-aws-modules/kms makes of its inputs, from 1.0 on. Names and defaults
# are facts about that module; the code is forebay's own and makes only what forebay looks at.

variable "create" {
  type    = bool
  default = true
}

variable "region" {
  type    = string
  default = null
}

variable "policy" {
  type    = string
  default = null
}

# Keys that are made in another way; forebay looks at none of them.
variable "create_external" {
  type    = bool
  default = false
}

variable "create_replica" {
  type    = bool
  default = false
}

variable "create_replica_external" {
  type    = bool
  default = false
}

# What the key's policy is built from, unless it is given as a whole.
variable "key_users" {
  default = []
}

variable "key_administrators" {
  default = []
}

variable "key_service_users" {
  default = []
}

variable "key_service_roles_for_autoscaling" {
  default = []
}

variable "key_symmetric_encryption_users" {
  default = []
}

variable "key_hmac_users" {
  default = []
}

variable "key_asymmetric_public_encryption_users" {
  default = []
}

variable "key_asymmetric_sign_verify_users" {
  default = []
}

variable "key_statements" {
  default = []
}

variable "source_policy_documents" {
  default = []
}

variable "override_policy_documents" {
  default = []
}

variable "enable_route53_dnssec" {
  type    = bool
  default = false
}

variable "route53_dnssec_sources" {
  default = []
}

variable "key_owners" {
  default = []
}

variable "enable_default_policy" {
  type    = bool
  default = true
}

# What says nothing about who may use the key.
variable "tags" {
  default = null
}

variable "bypass_policy_lockout_safety_check" {
  default = null
}

variable "customer_master_key_spec" {
  default = null
}

variable "custom_key_store_id" {
  default = null
}

variable "deletion_window_in_days" {
  default = null
}

variable "description" {
  default = null
}

variable "enable_key_rotation" {
  default = null
}

variable "is_enabled" {
  default = null
}

variable "key_material_base64" {
  default = null
}

variable "key_usage" {
  default = null
}

variable "multi_region" {
  default = null
}

variable "valid_to" {
  default = null
}

variable "key_spec" {
  default = null
}

variable "rotation_period_in_days" {
  default = null
}

variable "primary_key_arn" {
  default = null
}

variable "primary_external_key_arn" {
  default = null
}

variable "aliases" {
  default = null
}

variable "computed_aliases" {
  default = null
}

variable "aliases_use_name_prefix" {
  default = null
}

variable "grants" {
  default = null
}

data "aws_caller_identity" "this" {}

data "aws_partition" "this" {}

locals {
  lists = [
    var.key_users,
    var.key_administrators,
    var.key_service_users,
    var.key_service_roles_for_autoscaling,
    var.key_symmetric_encryption_users,
    var.key_hmac_users,
    var.key_asymmetric_public_encryption_users,
    var.key_asymmetric_sign_verify_users,
    var.source_policy_documents,
    var.override_policy_documents,
    var.route53_dnssec_sources,
    var.key_owners,
  ]
  # With nothing but its default, the key is left to IAM in its account.
  is_default = alltrue([for list in local.lists : try(length(list), 1) == 0]) && try(length(var.key_statements), 1) == 0 && var.enable_default_policy && !var.enable_route53_dnssec
  default_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Default"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.this.partition}:iam::${data.aws_caller_identity.this.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })
}

resource "aws_kms_key" "this" {
  count = var.create && !var.create_external && !var.create_replica && !var.create_replica_external ? 1 : 0

  region = var.region
  policy = var.policy != null ? var.policy : local.is_default ? local.default_policy : local.policy_built_by_the_module
}

output "key_arn" {
  value = try(aws_kms_key.this[0].arn, local.key_made_in_another_way)
}

output "key_id" {
  value = try(aws_kms_key.this[0].id, local.key_made_in_another_way)
}

output "key_region" {
  value = var.region
}

output "key_policy" {
  value = var.policy
}

output "aliases" {
  value = local.aliases_known_after_apply
}

output "grants" {
  value = local.grants_known_after_apply
}

output "external_key_expiration_model" {
  value = null
}

output "external_key_state" {
  value = null
}

output "external_key_usage" {
  value = null
}
