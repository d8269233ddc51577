variable "region" {
  description = "Region of the private registry that caches: a secret serves cache rules of its own region only."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2,}(-[a-z]+)+-[0-9]+$", var.region))
    error_message = "A region is written such as eu-west-1."
  }
}

variable "credentials" {
  description = <<-EOT
    Secrets to create, by name.
    - recovery_window_in_days: how long a deleted secret can be restored, 7 to 30, or 0 for not at all.
    - value_version: number of the value that Terraform writes; raise it to have a new one written.
      Without it the secret gets a first placeholder version, so that cache rules can be made; a person
      or a rotation sets the real value, and Terraform leaves it alone ever after.
  EOT
  type = map(object({
    recovery_window_in_days = optional(number, 30)
    value_version           = optional(number)
  }))
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.credentials) : can(regex("^ecr-pullthroughcache/[a-zA-Z0-9/_+=.@-]+$", name))])
    error_message = "The name of a credential's secret begins with ecr-pullthroughcache/, followed by letters, digits and /_+=.@- only."
  }

  validation {
    condition     = alltrue([for credential in values(var.credentials) : credential.recovery_window_in_days == 0 || (credential.recovery_window_in_days >= 7 && credential.recovery_window_in_days <= 30)])
    error_message = "recovery_window_in_days is 0 or 7 to 30."
  }

  validation {
    condition     = alltrue([for credential in values(var.credentials) : credential.value_version == null || (coalesce(credential.value_version, 0) >= 1 && floor(coalesce(credential.value_version, 1)) == coalesce(credential.value_version, 1))])
    error_message = "value_version is a whole number, 1 or more."
  }

  validation {
    condition = alltrue([
      for name, credential in var.credentials :
      (contains(keys(var.values), name) ? 1 : 0) + (contains(keys(var.documents), name) ? 1 : 0) == (credential.value_version == null ? 0 : 1)
    ])
    error_message = "A secret with a value_version takes what is written from values or documents, from one of them; a secret without one takes neither."
  }

  validation {
    condition     = alltrue([for name in concat(keys(var.values), keys(var.documents)) : contains(keys(var.credentials), name)])
    error_message = "values and documents are for secrets that credentials name."
  }
}

variable "values" {
  description = "User names and access tokens of the secrets that have a value_version, by the secret's name."
  type = map(object({
    username     = string
    access_token = string
  }))
  default   = {}
  ephemeral = true
  sensitive = true
  nullable  = false
}

variable "documents" {
  description = "Instead of values: what is written into such a secret, as it is, by the secret's name: JSON with username and accessToken."
  type        = map(string)
  default     = {}
  ephemeral   = true
  sensitive   = true
  nullable    = false
}

variable "settle_duration" {
  description = "How long to wait after a new secret before a cache rule may name it, such as 15s: Secrets Manager and ECR take a moment to agree."
  type        = string
  default     = "15s"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$", var.settle_duration))
    error_message = "settle_duration is a number and one of the units ms, s, m, h, such as 15s."
  }
}
