variable "region" {
  description = "Region of the private registry that caches."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "A region is written such as eu-west-1."
  }
}

variable "rules" {
  description = <<-EOT
    Cache rules by repository prefix (or ROOT, for every repository without a rule of its own).
    - upstream_registry_url: host of the upstream, such as public.ecr.aws.
    - upstream_repository_prefix: only images below this prefix of the upstream; not with ROOT.
    - credential_arn: secret with the upstream's user name and token, of this account and region.
    - credential_secret_name: the same by name, of credential_arns or for a secret that exists already.
    - custom_role_arn: role in this account, for a private registry of another account.
    - custom_role_name: the same by its name in custom_role_arns.
  EOT
  type = map(object({
    upstream_registry_url      = string
    upstream_repository_prefix = optional(string)
    credential_arn             = optional(string)
    credential_secret_name     = optional(string)
    custom_role_arn            = optional(string)
    custom_role_name           = optional(string)
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
    condition     = alltrue([for rule in values(var.rules) : can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", rule.upstream_registry_url))])
    error_message = "upstream_registry_url is a host in lower case, such as public.ecr.aws, without https:// and without a path."
  }

  validation {
    condition = alltrue([
      for rule in values(var.rules) : rule.upstream_repository_prefix == null ||
      can(regex("^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*/?$|^ROOT$", rule.upstream_repository_prefix)) && length(coalesce(rule.upstream_repository_prefix, "-")) >= 2 && length(coalesce(rule.upstream_repository_prefix, "-")) <= 30
    ])
    error_message = "upstream_repository_prefix has 2 to 30 characters: lower-case letters and digits, separated by single dots, underscores, hyphens or slashes, or is the word ROOT."
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.credential_arn == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:ecr-pullthroughcache/", rule.credential_arn))])
    error_message = "credential_arn is the ARN of a secret whose name begins with ecr-pullthroughcache/."
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.custom_role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", rule.custom_role_arn))])
    error_message = "A rule's custom_role_arn is the ARN of a role, such as arn:PARTITION:iam::ACCOUNT:role/NAME."
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.credential_arn == null || rule.credential_secret_name == null])
    error_message = "A rule takes credential_arn or credential_secret_name, not both."
  }

  validation {
    condition     = alltrue([for rule in values(var.rules) : rule.custom_role_name == null || (rule.custom_role_arn == null && contains(keys(var.custom_role_arns), coalesce(rule.custom_role_name, "-")))])
    error_message = "A rule takes custom_role_arn or custom_role_name, not both, and the name is one of custom_role_arns."
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

variable "credential_arns" {
  description = <<-EOT
    ARNs of secrets that the same code makes, by name, such as the output arns of upstream-credential. A
    rule names its own by credential_secret_name, so that a plan tells which one it is before there is an ARN.
  EOT
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "custom_role_arns" {
  description = "ARNs of roles that the same code makes, by name, such as the output role_arns of upstream-access."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "creation_templates" {
  description = <<-EOT
    Repository creation templates by repository prefix (or ROOT): what the repositories look like that
    ECR creates below it. Of several prefixes that fit, ECR takes the longest. A template changes no
    repository that exists.
    - description: shown in the console.
    - applied_for: what creates repositories: PULL_THROUGH_CACHE, REPLICATION, CREATE_ON_PUSH.
    - image_tag_mutability: MUTABLE or IMMUTABLE, or with filters MUTABLE_WITH_EXCLUSION or
      IMMUTABLE_WITH_EXCLUSION; immutable tags of a cache are never refreshed.
    - image_tag_mutability_exclusion_filters: tags that are the other way, such as latest or dev-*.
    - encryption_type: AES256, KMS or KMS_DSSE (AWS GovCloud only); kms_key_arn: a key of this region, else
      AWS's own key for ECR.
    - repository_tags: tags of the repositories.
    - expire_after_days, keep_images, or lifecycle_policy (as JSON): when images expire.
    - repository_policy: policy of the repositories, as JSON.
    - custom_role_arn: role that ECR assumes; tags and KMS need one, else no repository is created.
  EOT
  type = map(object({
    description                            = optional(string)
    applied_for                            = optional(list(string), ["PULL_THROUGH_CACHE"])
    image_tag_mutability                   = optional(string, "MUTABLE")
    image_tag_mutability_exclusion_filters = optional(list(string), [])
    encryption_type                        = optional(string, "AES256")
    kms_key_arn                            = optional(string)
    repository_tags                        = optional(map(string))
    expire_after_days                      = optional(number)
    keep_images                            = optional(number)
    lifecycle_policy                       = optional(string)
    repository_policy                      = optional(string)
    custom_role_arn                        = optional(string)
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
    condition     = alltrue([for template in values(var.creation_templates) : contains(["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"], template.image_tag_mutability)])
    error_message = "image_tag_mutability is one of MUTABLE, IMMUTABLE, MUTABLE_WITH_EXCLUSION, IMMUTABLE_WITH_EXCLUSION."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : endswith(template.image_tag_mutability, "_WITH_EXCLUSION") == (length(template.image_tag_mutability_exclusion_filters) > 0)])
    error_message = "image_tag_mutability_exclusion_filters go with MUTABLE_WITH_EXCLUSION and IMMUTABLE_WITH_EXCLUSION, which take at least one."
  }

  validation {
    condition = alltrue([for template in values(var.creation_templates) : length(template.image_tag_mutability_exclusion_filters) <= 5]) && alltrue(flatten([
      for template in values(var.creation_templates) : [
        for filter in template.image_tag_mutability_exclusion_filters : can(regex("^[0-9a-zA-Z._*-]{1,128}$", filter)) && length(regexall("[*]", filter)) <= 2
      ]
    ]))
    error_message = "image_tag_mutability_exclusion_filters are at most five, each of 1 to 128 letters, digits and ._*- characters with at most two asterisks."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : contains(["AES256", "KMS", "KMS_DSSE"], template.encryption_type)])
    error_message = "encryption_type is one of AES256, KMS, KMS_DSSE."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : template.kms_key_arn == null || template.encryption_type != "AES256"])
    error_message = "kms_key_arn goes with an encryption_type of KMS or KMS_DSSE."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : length(coalesce(template.description, "-")) <= 255])
    error_message = "A template's description has at most 255 characters."
  }

  validation {
    condition     = alltrue([for template in values(var.creation_templates) : template.custom_role_arn == null || can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", template.custom_role_arn))])
    error_message = "A template's custom_role_arn is the ARN of a role, such as arn:PARTITION:iam::ACCOUNT:role/NAME."
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
