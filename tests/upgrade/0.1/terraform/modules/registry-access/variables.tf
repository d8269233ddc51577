variable "account_id" {
  description = "Account of the private registry."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has twelve digits."
  }
}

variable "region" {
  description = "Region of the private registry."
  type        = string
  nullable    = false
}

variable "partition" {
  description = "Partition of the region, such as aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}

variable "grants" {
  description = <<-EOT
    The whole registry policy: what other accounts may do here, by statement id. Putting a registry
    policy replaces the one that is there, so this is the only place for statements.
    - level: cached (images that are there), pull (also new tags), first-pull (also new repositories),
      or upstream (another account's registry caches from this one).
    - prefixes: repository prefixes that the grant covers; ROOT stands for every repository.
    - account_ids: accounts whose principals may use the grant.
    - principal_arns: only these roles of those accounts (* and ? match as in ArnLike); empty for all.
  EOT
  type = map(object({
    level          = string
    prefixes       = list(string)
    account_ids    = list(string)
    principal_arns = optional(list(string), [])
  }))
  nullable = false

  validation {
    condition     = alltrue([for grant in values(var.grants) : contains(["cached", "pull", "first-pull", "upstream"], grant.level)])
    error_message = "A level is one of cached, pull, first-pull, upstream."
  }

  validation {
    condition     = alltrue([for grant in values(var.grants) : length(grant.prefixes) > 0 && length(grant.account_ids) > 0])
    error_message = "A grant names at least one prefix and at least one account."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for id in grant.account_ids : can(regex("^[0-9]{12}$", id))]]))
    error_message = "account_ids are twelve digits each."
  }

  validation {
    condition     = alltrue([for sid in keys(var.grants) : can(regex("^[0-9A-Za-z]+$", sid))])
    error_message = "A statement id is made of letters and digits."
  }
}

variable "kept_statements" {
  description = "Statements that stay in the policy beside the grants, written as AWS takes them."
  type        = any
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for statement in var.kept_statements : contains(["Allow", "Deny"], statement.Effect)])
    error_message = "Each statement to keep has an Effect of Allow or Deny."
  }
}
