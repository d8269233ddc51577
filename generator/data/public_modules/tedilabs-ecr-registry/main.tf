# What the submodule ecr-registry of the registry module tedilabs/container makes of its inputs. Names and
# defaults are facts about that module; the code is forebay's own and makes only what forebay looks at.

variable "region" {
  type    = string
  default = null
}

variable "policy_version" {
  type     = string
  default  = "V2"
  nullable = false
}

variable "policy" {
  type    = string
  default = null
}

variable "replication_policies" {
  type = list(object({
    account                 = string
    allow_create_repository = optional(bool, false)
    repositories            = list(string)
  }))
  default  = []
  nullable = false
}

variable "replication_rules" {
  default = []
}

variable "pull_through_cache_policies" {
  type = list(object({
    iam_entities            = list(string)
    allow_create_repository = optional(bool, false)
    repositories            = list(string)
  }))
  default  = []
  nullable = false
}

variable "pull_through_cache_rules" {
  type = list(object({
    upstream_url    = string
    upstream_prefix = optional(string, "ROOT")
    namespace       = optional(string)
    credential = optional(object({
      secretsmanager_secret = string
      iam_role              = optional(string)
    }))
  }))
  default  = []
  nullable = false
}

# Later versions make a role for caches of ECR registries, and do so unless they are told not to; which
# version a call gets is not known here, so without a word about it the role is perhaps there.
variable "default_pull_through_cache_role" {
  type = object({
    enabled              = optional(bool, true)
    name                 = optional(string)
    path                 = optional(string, "/")
    description          = optional(string)
    policies             = optional(list(string), [])
    inline_policies      = optional(map(string), {})
    permissions_boundary = optional(string)
  })
}

variable "scanning_type" {
  default = "BASIC"
}

variable "scanning_basic_version" {
  default = "AWS_NATIVE"
}

variable "scanning_rules" {
  default = []
}

variable "tags" {
  default = {}
}

variable "module_tags_enabled" {
  default = true
}

variable "resource_group" {
  default = {}
}

data "aws_caller_identity" "this" {}

data "aws_region" "this" {
  region = var.region
}

locals {
  account = data.aws_caller_identity.this.account_id
  # The module writes `aws` in every partition.
  repositories = "arn:aws:ecr:${data.aws_region.this.region}:${local.account}:repository"
  namespaces = {
    "ghcr.io"              = "github"
    "public.ecr.aws"       = "ecr-public"
    "quay.io"              = "quay"
    "registry-1.docker.io" = "docker-hub"
    "registry.gitlab.com"  = "gitlab"
    "registry.k8s.io"      = "kubernetes"
  }
}

data "aws_iam_policy_document" "this" {
  dynamic "statement" {
    for_each = var.replication_policies

    content {
      sid       = "ReplicationAccess${statement.value.account}"
      actions   = concat(statement.value.allow_create_repository ? ["ecr:CreateRepository"] : [], ["ecr:ReplicateImage"])
      resources = [for name in statement.value.repositories : "${local.repositories}/${name}"]

      principals {
        type        = "AWS"
        identifiers = ["arn:aws:iam::${statement.value.account}:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.pull_through_cache_policies

    content {
      sid       = "PullThroughCacheAccess-${statement.key}"
      actions   = concat(statement.value.allow_create_repository ? ["ecr:CreateRepository"] : [], ["ecr:BatchImportUpstreamImage"])
      resources = [for name in statement.value.repositories : "${local.repositories}/${name}"]

      principals {
        type        = "AWS"
        identifiers = statement.value.iam_entities
      }
    }
  }

  override_policy_documents = var.policy == null ? [] : [var.policy]
}

resource "aws_ecr_account_setting" "registry_policy_scope" {
  region = var.region
  name   = "REGISTRY_POLICY_SCOPE"
  value  = var.policy_version
}

resource "aws_ecr_registry_policy" "this" {
  count = length(var.replication_policies) + length(var.pull_through_cache_policies) > 0 || var.policy != null ? 1 : 0

  region = var.region
  policy = data.aws_iam_policy_document.this.json
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = { for rule in var.pull_through_cache_rules : rule.namespace == null ? local.namespaces[rule.upstream_url] : rule.namespace => rule }

  region                     = var.region
  ecr_repository_prefix      = each.key
  upstream_registry_url      = each.value.upstream_url
  upstream_repository_prefix = endswith(each.value.upstream_url, "amazonaws.com") ? each.value.upstream_prefix : null
  credential_arn             = each.value.credential == null ? null : each.value.credential.secretsmanager_secret
  custom_role_arn = (
    each.value.credential == null ? null
    : each.value.credential.iam_role != null ? each.value.credential.iam_role
    : endswith(each.value.upstream_url, "amazonaws.com") ? local.role_chosen_by_the_module : null
  )
}

resource "aws_iam_role" "pull_through_cache" {
  count = var.default_pull_through_cache_role.enabled ? 1 : 0

  name                 = var.default_pull_through_cache_role.name == null ? "ecr-registry-pull-through-cache-${local.account}" : var.default_pull_through_cache_role.name
  path                 = var.default_pull_through_cache_role.path
  permissions_boundary = var.default_pull_through_cache_role.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "pullthroughcache.ecr.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "pull_through_cache" {
  for_each = var.default_pull_through_cache_role.enabled ? merge({ pull-through-cache = local.policy_built_by_the_module }, var.default_pull_through_cache_role.inline_policies) : {}

  role   = aws_iam_role.pull_through_cache[0].name
  name   = each.key
  policy = each.value
}

resource "aws_iam_role_policy_attachment" "pull_through_cache" {
  for_each = toset(var.default_pull_through_cache_role.enabled ? var.default_pull_through_cache_role.policies : [])

  role       = aws_iam_role.pull_through_cache[0].name
  policy_arn = each.value
}
