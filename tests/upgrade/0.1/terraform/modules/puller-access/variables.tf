variable "partition" {
  description = "Partition of the account, such as aws, aws-cn or aws-us-gov."
  type        = string
  nullable    = false
}

variable "policies" {
  description = <<-EOT
    Policies for those who pull, by policy name.
    - grants: what a policy allows. level is cached (images that are there), pull (also new tags) or
      first-pull (also new repositories); account_id and region name the registry, prefixes its
      repository prefixes (ROOT stands for every repository).
    - roles: roles of this account to attach the policy to.
  EOT
  type = map(object({
    grants = list(object({
      level      = string
      account_id = string
      region     = string
      prefixes   = list(string)
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
    condition     = alltrue([for policy in values(var.policies) : length(policy.grants) > 0])
    error_message = "A policy has at least one grant."
  }
}
