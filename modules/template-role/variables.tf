variable "account_id" {
  description = "Account of the registries with the templates; the roles are made here."
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
    Roles for repository creation templates that set tags or use KMS, by role name.
    - templates: what a role serves: region and repository prefix (ROOT for every repository), whether
      the template sets tags, whether it is for replication, and the ARN of its key; for AWS's own key
      for ECR, whose id nobody knows, arn:…:key/*.
  EOT
  type = map(object({
    templates = list(object({
      region      = string
      prefix      = string
      tags        = optional(bool, false)
      replication = optional(bool, false)
      kms_key_arn = optional(string)
    }))
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.roles) : can(regex("^[0-9A-Za-z_+=,.@-]{1,64}$", name))])
    error_message = "A role name has 1 to 64 letters, digits and _+=,.@- characters."
  }

  validation {
    condition     = alltrue([for role in values(var.roles) : length(role.templates) > 0])
    error_message = "A role serves at least one template."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.roles) : [for template in role.templates : template.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9*-]+$", template.kms_key_arn))]]))
    error_message = "kms_key_arn is the ARN of a key, or ends in key/* for AWS's own key."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.roles) : [for template in role.templates : can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", template.region))]]))
    error_message = "A region is written such as eu-west-1."
  }

  validation {
    condition     = alltrue(flatten([for role in values(var.roles) : [for template in role.templates : can(regex("^([a-z0-9]+([._/-]+[a-z0-9]+)*|ROOT)$", template.prefix))]]))
    error_message = "A prefix is ROOT or a repository prefix: lower-case letters and digits, with . _ - or / between them, no slash at the end and no wildcard."
  }
}
