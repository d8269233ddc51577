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
}
