# What the submodule ecr of the registry module zesty-co/kompass-compute makes of its inputs, from 1.2 on. Names
# and defaults are facts about that module; the code is forebay's own.

variable "create" {
  type    = bool
  default = true
}

variable "ecr_pull_through_rule_name_prefix" {
  type    = string
  default = "zesty-"
}

variable "secret_name_prefix" {
  type    = string
  default = "ecr-pullthroughcache/zesty-"
}

variable "secret_recovery_window_in_days" {
  default = null
}

variable "tags" {
  default = null
}

variable "registries" {
  type = map(object({
    create                         = optional(bool, true)
    upstream_registry_url          = optional(string)
    ecr_repository_prefix_override = optional(string)
    secret_arn                     = optional(string)
    secret_content                 = optional(string)
    secret_name_prefix_override    = optional(string)
  }))
  default = {}
}

locals {
  # Made are those that ask for no credential, and those that the caller names.
  hosts = {
    ecr       = "public.ecr.aws"
    k8s       = "registry.k8s.io"
    quay      = "quay.io"
    dockerhub = "registry-1.docker.io"
    ghcr      = "ghcr.io"
  }
  names = [
    for name in keys(merge(local.hosts, var.registries)) : name
    if var.create && (contains(keys(var.registries), name) ? var.registries[name].create : contains(["ecr", "k8s", "quay"], name))
  ]
  given = { for name in local.names : name => try(var.registries[name], null) }
  secrets = {
    for name, given in local.given : name => given.secret_content
    if try(given.secret_content, null) != null && try(given.secret_arn, null) == null
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.secrets

  name_prefix = try(coalesce(local.given[each.key].secret_name_prefix_override), "${var.secret_name_prefix}${each.key}-")
}

resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.secrets

  secret_id     = aws_secretsmanager_secret.this[each.key].id
  secret_string = each.value
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = local.given

  ecr_repository_prefix = try(coalesce(each.value.ecr_repository_prefix_override), "${var.ecr_pull_through_rule_name_prefix}${each.key}")
  upstream_registry_url = try(coalesce(each.value.upstream_registry_url), local.hosts[each.key])
  credential_arn        = try(coalesce(each.value.secret_arn), aws_secretsmanager_secret.this[each.key].arn, null)
}

output "secrets" {
  value = aws_secretsmanager_secret.this
}

output "secret_arns" {
  value = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "ecr_pull_through_cache_rules" {
  value = aws_ecr_pull_through_cache_rule.this
}
