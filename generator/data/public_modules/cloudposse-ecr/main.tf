# What the registry module cloudposse/ecr makes of its inputs, from 0.32 on. Names and defaults are facts
# about that module; the code is forebay's own and makes only what forebay looks at.

variable "enabled" {
  type    = bool
  default = null
}

variable "image_names" {
  type    = list(string)
  default = []
}

variable "image_tag_mutability" {
  type    = string
  default = "IMMUTABLE"
}

variable "encryption_configuration" {
  type = object({
    encryption_type = string
    kms_key         = any
  })
  default = null
}

variable "principals_full_access" {
  type    = list(string)
  default = []
}

variable "principals_push_access" {
  type    = list(string)
  default = []
}

variable "principals_readonly_access" {
  type    = list(string)
  default = []
}

variable "principals_pull_though_access" {
  type    = list(string)
  default = []
}

# Each of these comes with conditions of the module's own.
variable "principals_lambda" {
  type    = list(string)
  default = []
}

variable "organizations_readonly_access" {
  type    = list(string)
  default = []
}

variable "organizations_full_access" {
  type    = list(string)
  default = []
}

variable "organizations_push_access" {
  type    = list(string)
  default = []
}

variable "use_fullname" {
  default = null
}

variable "scan_images_on_push" {
  default = null
}

variable "max_image_count" {
  default = null
}

variable "time_based_rotation" {
  default = null
}

variable "image_tag_mutability_exclusion_filter" {
  default = null
}

variable "enable_lifecycle_policy" {
  default = null
}

variable "protected_tags" {
  default = null
}

variable "protected_tags_keep_count" {
  default = null
}

variable "force_delete" {
  default = null
}

variable "replication_configurations" {
  default = null
}

variable "prefixes_pull_through_repositories" {
  default = null
}

variable "custom_lifecycle_rules" {
  default = null
}

variable "default_lifecycle_rules_settings" {
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

variable "name" {
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

variable "tags" {
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
  # Without names of its own, the repository is called by the label that the module makes.
  names = length(var.image_names) > 0 ? { for name in var.image_names : name => name } : { "the repository" = local.label_made_by_the_module }
  by_principal = {
    ReadonlyAccess = { principals = var.principals_readonly_access, actions = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] }
    PushAccess     = { principals = var.principals_push_access, actions = ["ecr:PutImage", "ecr:UploadLayerPart"] }
    FullAccess     = { principals = var.principals_full_access, actions = ["ecr:*"] }
  }
  others = concat(var.principals_lambda, var.organizations_readonly_access, var.organizations_full_access, var.organizations_push_access)
}

resource "aws_ecr_repository" "name" {
  for_each = var.enabled == false ? {} : local.names

  name                 = each.value
  image_tag_mutability = var.image_tag_mutability

  dynamic "encryption_configuration" {
    for_each = var.encryption_configuration == null ? [] : [var.encryption_configuration]

    content {
      encryption_type = encryption_configuration.value.encryption_type
      kms_key         = encryption_configuration.value.kms_key
    }
  }
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = { for sid, access in local.by_principal : sid => access if length(access.principals) > 0 }

    content {
      sid     = statement.key
      actions = statement.value.actions

      principals {
        type        = "AWS"
        identifiers = statement.value.principals
      }
    }
  }
}

resource "aws_ecr_repository_policy" "name" {
  for_each = var.enabled == false || length(concat(var.principals_readonly_access, var.principals_push_access, var.principals_full_access)) == 0 ? {} : local.names

  repository = aws_ecr_repository.name[each.key].name
  policy     = length(local.others) == 0 ? data.aws_iam_policy_document.this.json : local.policy_built_by_the_module
}

output "registry_id" {
  value = try(aws_ecr_repository.name[var.image_names[0]].registry_id, local.known_after_apply)
}

output "repository_name" {
  value = try(aws_ecr_repository.name[var.image_names[0]].name, local.known_after_apply)
}

output "repository_url" {
  value = try(aws_ecr_repository.name[var.image_names[0]].repository_url, local.known_after_apply)
}

output "repository_arn" {
  value = try(aws_ecr_repository.name[var.image_names[0]].arn, local.known_after_apply)
}

output "repository_url_map" {
  value = { for key, name in local.names : name => aws_ecr_repository.name[key].repository_url }
}

output "repository_arn_map" {
  value = { for key, name in local.names : name => aws_ecr_repository.name[key].arn }
}
