variable "region" {
  description = "Region of the private registry that caches."
  type        = string
  nullable    = false
}

variable "rules" {
  description = <<-EOT
    Cache rules by repository prefix (or ROOT, for every repository without a rule of its own).
    - upstream_registry_url: host of the upstream, such as public.ecr.aws.
    - upstream_repository_prefix: only images below this prefix of the upstream; not with ROOT.
    - credential_arn: secret with the upstream's user name and token, of this account and region.
    - credential_secret_name: the same by name, for a secret that exists already.
    - custom_role_arn: role in this account, for a private registry of another account.
  EOT
  type = map(object({
    upstream_registry_url      = string
    upstream_repository_prefix = optional(string)
    credential_arn             = optional(string)
    credential_secret_name     = optional(string)
    custom_role_arn            = optional(string)
  }))
  nullable = false

  validation {
    condition = alltrue([
      for prefix in keys(var.rules) :
      can(regex("^((?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT)$", prefix)) && length(prefix) >= 2 && length(prefix) <= 30
    ])
    error_message = "A repository prefix has 2 to 30 characters: lower-case letters and digits, separated by single dots, underscores, hyphens or slashes, or the word ROOT."
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.credential_arn == null || rule.credential_secret_name == null])
    error_message = "A rule takes credential_arn or credential_secret_name, not both."
  }

  validation {
    condition     = alltrue([for prefix, rule in var.rules : prefix != "ROOT" || rule.upstream_repository_prefix == null])
    error_message = "The rule ROOT cannot have an upstream_repository_prefix."
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.credential_secret_name == null || startswith(coalesce(rule.credential_secret_name, "-"), "ecr-pullthroughcache/")])
    error_message = "The name of a credential's secret begins with ecr-pullthroughcache/."
  }
}

variable "creation_templates" {
  description = <<-EOT
    Repository creation templates by repository prefix (or ROOT): what the repositories look like that
    ECR creates below it. Of several prefixes that fit, ECR takes the longest. A template changes no
    repository that exists.
    - description: shown in the console.
    - applied_for: what creates repositories: PULL_THROUGH_CACHE, REPLICATION, CREATE_ON_PUSH.
    - image_tag_mutability: MUTABLE or IMMUTABLE; immutable tags of a cache are never refreshed.
    - encryption_type: AES256 or KMS; kms_key_arn: a key of this region, else AWS's own key for ECR.
    - repository_tags: tags of the repositories.
    - expire_after_days, keep_images, or lifecycle_policy (as JSON): when images expire.
    - repository_policy: policy of the repositories, as JSON.
    - custom_role_arn: role that ECR assumes; tags and KMS need one, else no repository is created.
  EOT
  type = map(object({
    description          = optional(string)
    applied_for          = optional(list(string), ["PULL_THROUGH_CACHE"])
    image_tag_mutability = optional(string, "MUTABLE")
    encryption_type      = optional(string, "AES256")
    kms_key_arn          = optional(string)
    repository_tags      = optional(map(string))
    expire_after_days    = optional(number)
    keep_images          = optional(number)
    lifecycle_policy     = optional(string)
    repository_policy    = optional(string)
    custom_role_arn      = optional(string)
  }))
  default  = {}
  nullable = false

  validation {
    condition = alltrue([
      for prefix in keys(var.creation_templates) :
      can(regex("^((?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?|ROOT)$", prefix)) && length(prefix) >= 2 && length(prefix) <= 256
    ])
    error_message = "A template's prefix has 2 to 256 characters: lower-case letters and digits, separated by single dots, underscores, hyphens or slashes, or the word ROOT."
  }

  validation {
    condition     = alltrue(flatten([for template in values(var.creation_templates) : [for word in template.applied_for : contains(["PULL_THROUGH_CACHE", "REPLICATION", "CREATE_ON_PUSH"], word)]])) && alltrue([for template in values(var.creation_templates) : length(template.applied_for) > 0])
    error_message = "applied_for holds at least one of PULL_THROUGH_CACHE, REPLICATION, CREATE_ON_PUSH."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : contains(["MUTABLE", "IMMUTABLE"], template.image_tag_mutability)])
    error_message = "image_tag_mutability is one of MUTABLE, IMMUTABLE."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : contains(["AES256", "KMS"], template.encryption_type)])
    error_message = "encryption_type is one of AES256, KMS."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : template.kms_key_arn == null || template.encryption_type == "KMS"])
    error_message = "kms_key_arn goes with the encryption_type KMS."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : template.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+$", template.kms_key_arn))])
    error_message = "kms_key_arn is the ARN of a key, not an alias: ECR takes nothing else in a template."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : length([for value in [template.expire_after_days == null ? null : "days", template.keep_images == null ? null : "images", template.lifecycle_policy] : value if value != null]) <= 1])
    error_message = "A template takes one of expire_after_days, keep_images, lifecycle_policy."
  }
}
