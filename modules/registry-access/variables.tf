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

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "A region is written such as eu-west-1."
  }
}

variable "partition" {
  description = "Partition of the region, such as aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.partition))
    error_message = "A partition is written such as aws, aws-cn or aws-us-gov."
  }
}

variable "grants" {
  description = <<-EOT
    The whole registry policy: what other accounts may do here, by statement id. Putting a registry
    policy replaces the one that is there, so this is the only place for statements.
    - level: cached (images that are there), pull (also new tags), first-pull (also new repositories),
      or upstream (another account's registry caches from this one).
    - prefixes: repository prefixes that the grant covers; ROOT stands for every repository.
    - repositories: single repositories that it covers, by name (* and ? match any characters).
    - account_ids: accounts whose principals may use the grant.
    - principal_arns: only these roles of those accounts (* and ? match as in ArnLike); empty for all.
  EOT
  type = map(object({
    level          = string
    prefixes       = optional(list(string), [])
    repositories   = optional(list(string), [])
    account_ids    = list(string)
    principal_arns = optional(list(string), [])
  }))
  nullable = false

  validation {
    condition     = alltrue([for grant in values(var.grants) : contains(["cached", "pull", "first-pull", "upstream"], grant.level)])
    error_message = "A level is one of cached, pull, first-pull, upstream."
  }

  validation {
    condition     = alltrue([for grant in values(var.grants) : length(grant.prefixes) + length(grant.repositories) > 0 && length(grant.account_ids) > 0])
    error_message = "A grant names at least one prefix or repository, and at least one account."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for repository in grant.repositories : can(regex("^[a-z0-9*?][a-z0-9._/*?-]*$", repository))]]))
    error_message = "repositories are names of repositories: lower-case letters, digits and ._-/; * and ? match any characters."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for id in grant.account_ids : can(regex("^[0-9]{12}$", id))]]))
    error_message = "account_ids are twelve digits each."
  }

  validation {
    condition     = alltrue([for sid in keys(var.grants) : can(regex("^[0-9A-Za-z]+$", sid))])
    error_message = "A statement id is made of letters and digits."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for prefix in grant.prefixes : can(regex("^([a-z0-9]+([._/-]+[a-z0-9]+)*|ROOT)$", prefix))]]))
    error_message = "Each of prefixes is ROOT or a repository prefix: lower-case letters and digits, with . _ - or / between them, no slash at the end and no wildcard."
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
