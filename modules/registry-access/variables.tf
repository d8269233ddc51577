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
    - account_ids, organization_id or organization_paths: who may use the grant: accounts, all
      accounts of an organization, or the accounts of units and of all units below them, by paths
      such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/. One of the three, or none when principal_arns
      name their accounts.
    - principal_arns: only these roles (* and ? match as in ArnLike); empty for every principal.
    - accounts_as_condition: write account_ids as the condition aws:PrincipalAccount, not as
      principals. It means the same.
  EOT
  type = map(object({
    level                 = string
    prefixes              = optional(list(string), [])
    repositories          = optional(list(string), [])
    account_ids           = optional(list(string), [])
    organization_id       = optional(string)
    organization_paths    = optional(list(string), [])
    principal_arns        = optional(list(string), [])
    accounts_as_condition = optional(bool, false)
  }))
  nullable = false

  validation {
    condition     = alltrue([for grant in values(var.grants) : contains(["cached", "pull", "first-pull", "upstream"], grant.level)])
    error_message = "A level is one of cached, pull, first-pull, upstream."
  }

  validation {
    condition     = alltrue([for grant in values(var.grants) : length(grant.prefixes) + length(grant.repositories) > 0])
    error_message = "A grant names at least one prefix or repository."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for repository in grant.repositories : can(regex("^[a-z0-9*?][a-z0-9._/*?-]*$", repository))]]))
    error_message = "repositories are names of repositories: lower-case letters, digits and ._-/; * and ? match any characters."
  }

  validation {
    condition = alltrue([
      for grant in values(var.grants) : (
        (length(grant.account_ids) > 0 ? 1 : 0) + (grant.organization_id != null ? 1 : 0) + (length(grant.organization_paths) > 0 ? 1 : 0) == 1 ||
        (length(grant.account_ids) == 0 && grant.organization_id == null && length(grant.organization_paths) == 0 && length(grant.principal_arns) > 0 &&
        alltrue([for arn in grant.principal_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", arn))]))
      )
    ])
    error_message = "A grant is for account_ids, for one organization_id or for organization_paths, or for principal_arns that each begin with arn:PARTITION:iam::ACCOUNT:role/."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for id in grant.account_ids : can(regex("^[0-9]{12}$", id))]]))
    error_message = "account_ids are twelve digits each."
  }

  validation {
    condition     = alltrue([for grant in values(var.grants) : can(regex("^o-[a-z0-9]{10,32}$", coalesce(grant.organization_id, "o-0000000000")))])
    error_message = "An organization_id looks like o-a1b2c3d4e5."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for path in grant.organization_paths : can(regex("^o-[a-z0-9]{10,32}/r-[0-9a-z]{4,32}/(ou-[0-9a-z]{4,32}-[a-z0-9]{8,32}/)+$", path))]]))
    error_message = "Each of organization_paths looks like o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/, with a slash at the end."
  }

  validation {
    condition     = alltrue(flatten([for grant in values(var.grants) : [for arn in grant.principal_arns : can(regex("^arn:[a-z-]+:iam::([0-9]{12}|[*]):role/.", arn))]]))
    error_message = "Each of principal_arns is the ARN of a role, with an account id or * for the account."
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
