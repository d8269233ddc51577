variable "account_id" {
  description = "Account of the registries that cache; the roles are made here."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has twelve digits."
  }
}

variable "partition" {
  description = "Partition of the account, such as aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.partition))
    error_message = "A partition is written such as aws, aws-cn or aws-us-gov."
  }
}

variable "path" {
  description = "Path of the roles."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([0-9A-Za-z_+=,.@-]+/)*$", var.path))
    error_message = "A path begins and ends with a slash, such as /ecr/ or /."
  }
}

variable "permissions_boundary" {
  description = "ARN of the policy that bounds what the roles may do; null for none."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary))
    error_message = "permissions_boundary is the ARN of a policy."
  }
}

variable "role_scope" {
  description = "What the roles may touch: prefix (the repository prefixes they serve) or documented (every repository, which is all that AWS documents)."
  type        = string
  default     = "prefix"
  nullable    = false

  validation {
    condition     = contains(["prefix", "documented"], var.role_scope)
    error_message = "role_scope is one of prefix, documented."
  }
}

variable "roles" {
  description = <<-EOT
    Roles for cache rules whose upstream is a private registry of another account, by role name.
    - upstreams: what a role reads: account, region and repository prefix there (ROOT for every repository).
    - caches: what a role writes: region and repository prefix here (ROOT for every repository).
  EOT
  type = map(object({
    upstreams = list(object({
      account_id = string
      region     = string
      prefix     = string
    }))
    caches = list(object({
      region = string
      prefix = string
    }))
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.roles) : can(regex("^[0-9A-Za-z_+=,.@-]{1,64}$", name))])
    error_message = "A role name has 1 to 64 letters, digits and _+=,.@- characters."
  }

  validation {
    condition     = alltrue([for role in values(var.roles) : length(role.upstreams) > 0 && length(role.caches) > 0])
    error_message = "A role names at least one upstream and at least one cache."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.roles) : [for upstream in role.upstreams : can(regex("^[0-9]{12}$", upstream.account_id))]]))
    error_message = "account_id has twelve digits."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.roles) : [for place in concat(role.upstreams[*].region, role.caches[*].region) : can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", place))]]))
    error_message = "A region is written such as eu-west-1."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.roles) : [for prefix in concat(role.upstreams[*].prefix, role.caches[*].prefix) : can(regex("^([a-z0-9]+([._/-]+[a-z0-9]+)*|ROOT)$", prefix))]]))
    error_message = "A prefix is ROOT or a repository prefix: lower-case letters and digits, with . _ - or / between them, no slash at the end and no wildcard."
  }
}
