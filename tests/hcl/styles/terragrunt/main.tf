variable "caches" {
  type = map(object({
    url    = string
    secret = optional(string)
  }))
}

# Secrets are another unit's affair: here they are only looked up.
data "aws_secretsmanager_secret" "this" {
  for_each = { for prefix, cache in var.caches : prefix => cache.secret if cache.secret != null }
  name     = each.value
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.caches

  ecr_repository_prefix = each.key
  upstream_registry_url = each.value.url
  credential_arn        = try(data.aws_secretsmanager_secret.this[each.key].arn, null)
}
