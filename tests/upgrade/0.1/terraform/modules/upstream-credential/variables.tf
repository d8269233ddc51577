variable "region" {
  description = "Region of the private registry that caches: a secret serves cache rules of its own region only."
  type        = string
  nullable    = false
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
}
