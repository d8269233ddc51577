# What the registry module lgallard/ecr makes of its inputs, from 1.5 on. Names and defaults are facts about
# that module; the code is forebay's own and makes only what forebay looks at.

variable "name" {
  type    = string
  default = ""
}

variable "prevent_destroy" {
  type    = bool
  default = false
}

variable "image_tag_mutability" {
  type    = string
  default = "MUTABLE"
}

variable "scan_on_push" {
  type    = bool
  default = true
}

variable "policy" {
  type    = string
  default = null
}

variable "encryption_type" {
  type    = string
  default = "AES256"
}

variable "kms_key" {
  type    = string
  default = null
}

variable "manage_account_setting" {
  type    = bool
  default = false
}

variable "basic_scan_type_version" {
  type    = string
  default = "AWS_NATIVE"
}

variable "registry_policy_scope" {
  type    = string
  default = "V2"
}

variable "enable_pull_through_cache" {
  type    = bool
  default = false
}

variable "pull_through_cache_rules" {
  type    = list(object({ ecr_repository_prefix = string, upstream_registry_url = string, credential_arn = optional(string) }))
  default = []
}

variable "enable_repository_creation_templates" {
  type    = bool
  default = false
}

variable "repository_creation_templates" {
  type = list(object({
    prefix          = string
    applied_for     = list(string)
    custom_role_arn = optional(string)
    encryption_configuration = optional(object({
      encryption_type = optional(string, "AES256")
      kms_key         = optional(string)
    }))
    description                            = optional(string)
    image_tag_mutability                   = optional(string, "MUTABLE")
    image_tag_mutability_exclusion_filters = optional(list(object({ filter = string, filter_type = optional(string, "WILDCARD") })), [])
    lifecycle_policy                       = optional(string)
    repository_policy                      = optional(string)
    resource_tags                          = optional(map(string), {})
  }))
  default = []
}

variable "enable_pull_request_rules" {
  type    = bool
  default = false
}

variable "pull_request_rules" {
  default = []
}

# What makes no record of ours.
variable "force_delete" {
  default = null
}

variable "image_tag_mutability_exclusion_filters" {
  default = null
}

variable "image_scanning_configuration" {
  default = null
}

variable "timeouts" {
  default = null
}

variable "lifecycle_policy" {
  default = null
}

variable "lifecycle_keep_latest_n_images" {
  default = null
}

variable "lifecycle_expire_untagged_after_days" {
  default = null
}

variable "lifecycle_expire_tagged_after_days" {
  default = null
}

variable "lifecycle_tag_prefixes_to_keep" {
  default = null
}

variable "lifecycle_policy_template" {
  default = null
}

variable "kms_deletion_window_in_days" {
  default = null
}

variable "kms_enable_key_rotation" {
  default = null
}

variable "kms_key_rotation_period" {
  default = null
}

variable "kms_multi_region" {
  default = null
}

variable "kms_additional_principals" {
  default = null
}

variable "kms_key_administrators" {
  default = null
}

variable "kms_key_users" {
  default = null
}

variable "kms_custom_policy_statements" {
  default = null
}

variable "kms_custom_policy" {
  default = null
}

variable "kms_alias_name" {
  default = null
}

variable "kms_tags" {
  default = null
}

variable "tags" {
  default = null
}

variable "enable_default_tags" {
  default = null
}

variable "default_tags_template" {
  default = null
}

variable "default_tags_environment" {
  default = null
}

variable "default_tags_owner" {
  default = null
}

variable "default_tags_project" {
  default = null
}

variable "default_tags_cost_center" {
  default = null
}

variable "enable_tag_validation" {
  default = null
}

variable "required_tags" {
  default = null
}

variable "tag_key_case" {
  default = null
}

variable "enable_tag_normalization" {
  default = null
}

variable "normalize_tag_values" {
  default = null
}

variable "enable_logging" {
  default = null
}

variable "log_retention_days" {
  default = null
}

variable "enable_replication" {
  default = null
}

variable "replication_regions" {
  default = null
}

variable "enable_registry_scanning" {
  default = null
}

variable "registry_scan_type" {
  default = null
}

variable "registry_scan_filters" {
  default = null
}

variable "enable_secret_scanning" {
  default = null
}

variable "scan_repository_filters" {
  default = null
}

variable "enable_monitoring" {
  default = null
}

variable "monitoring_threshold_storage" {
  default = null
}

variable "monitoring_threshold_api_calls" {
  default = null
}

variable "monitoring_threshold_security_findings" {
  default = null
}

variable "monitoring_threshold_image_push" {
  default = null
}

variable "monitoring_threshold_image_pull" {
  default = null
}

variable "create_sns_topic" {
  default = null
}

variable "sns_topic_name" {
  default = null
}

variable "sns_topic_subscribers" {
  default = null
}

data "aws_caller_identity" "this" {}

locals {
  rules      = var.enable_pull_through_cache ? var.pull_through_cache_rules : []
  has_policy = var.policy != null || (var.enable_pull_request_rules && length(var.pull_request_rules) > 0)
}

resource "aws_ecr_repository" "this" {
  name                 = var.name
  image_tag_mutability = var.image_tag_mutability

  dynamic "encryption_configuration" {
    for_each = var.encryption_type == "KMS" ? [var.kms_key == null ? local.key_made_by_the_module : var.kms_key] : []

    content {
      encryption_type = "KMS"
      kms_key         = encryption_configuration.value
    }
  }
}

resource "aws_ecr_repository_policy" "policy" {
  count = local.has_policy ? 1 : 0

  repository = aws_ecr_repository.this.name
  policy     = var.policy != null ? var.policy : local.policy_built_by_the_module
}

resource "aws_ecr_account_setting" "basic_scan_type" {
  count = var.manage_account_setting ? 1 : 0

  name  = "BASIC_SCAN_TYPE_VERSION"
  value = var.basic_scan_type_version
}

resource "aws_ecr_account_setting" "registry_policy_scope" {
  count = var.manage_account_setting ? 1 : 0

  name  = "REGISTRY_POLICY_SCOPE"
  value = var.registry_policy_scope
}

resource "aws_ecr_pull_through_cache_rule" "cache_rules" {
  count = length(local.rules)

  ecr_repository_prefix = local.rules[count.index].ecr_repository_prefix
  upstream_registry_url = local.rules[count.index].upstream_registry_url
  credential_arn        = local.rules[count.index].credential_arn
}

# The module makes this role and gives it to no rule.
resource "aws_iam_role" "pull_through_cache" {
  count = length(local.rules) > 0 ? 1 : 0

  name               = "ecr-pull-through-cache-${var.name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecr.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "pull_through_cache" {
  count = length(local.rules) > 0 ? 1 : 0

  role = aws_iam_role.pull_through_cache[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect   = "Allow"
    Action   = ["ecr:CreateRepository", "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
    Resource = ["arn:aws:ecr:*:${data.aws_caller_identity.this.account_id}:repository/*"]
  }] })
}

resource "aws_ecr_repository_creation_template" "this" {
  for_each = var.enable_repository_creation_templates ? { for template in var.repository_creation_templates : template.prefix => template } : {}

  prefix               = each.value.prefix
  applied_for          = each.value.applied_for
  custom_role_arn      = each.value.custom_role_arn
  image_tag_mutability = each.value.image_tag_mutability
  lifecycle_policy     = each.value.lifecycle_policy
  repository_policy    = each.value.repository_policy
  resource_tags        = each.value.resource_tags

  dynamic "encryption_configuration" {
    for_each = each.value.encryption_configuration == null ? [] : [each.value.encryption_configuration]

    content {
      encryption_type = encryption_configuration.value.encryption_type
      kms_key         = encryption_configuration.value.kms_key
    }
  }

  dynamic "image_tag_mutability_exclusion_filter" {
    for_each = each.value.image_tag_mutability_exclusion_filters

    content {
      filter      = image_tag_mutability_exclusion_filter.value.filter
      filter_type = image_tag_mutability_exclusion_filter.value.filter_type
    }
  }
}

output "repository_arn" {
  value = aws_ecr_repository.this.arn
}

output "repository_url" {
  value = aws_ecr_repository.this.repository_url
}

output "repository_name" {
  value = aws_ecr_repository.this.name
}

output "registry_id" {
  value = aws_ecr_repository.this.registry_id
}

output "kms_key_arn" {
  value = var.kms_key != null ? var.kms_key : local.key_made_by_the_module
}

output "pull_through_cache_role_arn" {
  value = try(aws_iam_role.pull_through_cache[0].arn, null)
}
