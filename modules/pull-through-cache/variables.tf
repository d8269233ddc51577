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
