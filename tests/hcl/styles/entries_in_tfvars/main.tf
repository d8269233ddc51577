# One block for all caches; people only ever edit terraform.tfvars.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.caches

  ecr_repository_prefix = coalesce(each.value.prefix, each.key)
  upstream_registry_url = each.value.host
  credential_arn        = each.value.secret == null ? null : data.aws_secretsmanager_secret.this[each.key].arn
}

data "aws_secretsmanager_secret" "this" {
  for_each = { for name, cache in var.caches : name => cache if cache.secret != null }

  name = "ecr-pullthroughcache/${each.value.secret}"
}

resource "aws_ecr_repository_creation_template" "this" {
  for_each = { for name, cache in var.caches : name => cache if cache.keep > 0 }

  prefix      = coalesce(each.value.prefix, each.key)
  applied_for = ["PULL_THROUGH_CACHE"]
  lifecycle_policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = each.value.keep }
      action       = { type = "expire" }
    }]
  })
}
