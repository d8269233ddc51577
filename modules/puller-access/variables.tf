variable "partition" {
  description = "Partition of the account, such as aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]+(-[a-z]+)*$", var.partition))
    error_message = "A partition is written such as aws, aws-cn or aws-us-gov."
  }
}

variable "account_id" {
  description = "Account of the policies. With it a plan tells which policy a role gets before there is an ARN."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id has twelve digits."
  }
}

variable "path" {
  description = "Path of the policies."
  type        = string
  default     = "/"
  nullable    = false

  validation {
    condition     = can(regex("^/([0-9A-Za-z_+=,.@-]+/)*$", var.path))
    error_message = "A path begins and ends with a slash, such as /ecr/ or /."
  }
}

variable "policies" {
  description = <<-EOT
    Policies for those who pull, by policy name.
    - grants: what a policy allows. level is cached (images that are there), pull (also new tags) or
      first-pull (also new repositories); account_id and region name the registry, prefixes its
      repository prefixes (ROOT stands for every repository), repositories single ones by name (* and ?
      match any characters).
    - roles: roles of this account to attach the policy to.
  EOT
  type = map(object({
    grants = list(object({
      level        = string
      account_id   = string
      region       = string
      prefixes     = optional(list(string), [])
      repositories = optional(list(string), [])
    }))
    roles = optional(list(string), [])
  }))
  nullable = false

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for grant in policy.grants : contains(["cached", "pull", "first-pull"], grant.level)]]))
    error_message = "A level is one of cached, pull, first-pull."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for grant in policy.grants : can(regex("^[0-9]{12}$", grant.account_id))]]))
    error_message = "account_id has twelve digits."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for grant in policy.grants : length(grant.prefixes) + length(grant.repositories) > 0]]))
    error_message = "A grant names at least one prefix or repository."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for grant in policy.grants : [for repository in grant.repositories : can(regex("^[a-z0-9*?][a-z0-9._/*?-]*$", repository))]]]))
    error_message = "repositories are names of repositories: lower-case letters, digits and ._-/; * and ? match any characters."
  }

  validation {
    condition     = alltrue([for policy in values(var.policies) : length(policy.grants) > 0])
    error_message = "A policy has at least one grant."
  }

  validation {
    condition     = alltrue([for name in keys(var.policies) : can(regex("^[0-9A-Za-z_+=,.@-]{1,128}$", name))])
    error_message = "A policy name has 1 to 128 letters, digits and _+=,.@- characters."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for grant in policy.grants : can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", grant.region))]]))
    error_message = "A region is written such as eu-west-1."
  }

  validation {
    condition     = alltrue(flatten([for policy in values(var.policies) : [for grant in policy.grants : [for prefix in grant.prefixes : can(regex("^([a-z0-9]+([._/-]+[a-z0-9]+)*|ROOT)$", prefix))]]]))
    error_message = "Each of prefixes is ROOT or a repository prefix: lower-case letters and digits, with . _ - or / between them, no slash at the end and no wildcard."
  }
}
