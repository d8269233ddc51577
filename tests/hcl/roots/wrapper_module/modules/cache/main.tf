variable "prefix" {
  type = string
}

variable "host" {
  type     = string
  nullable = false
}

locals {
  regions = ["eu-west-1"]
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = toset(local.regions)

  region                = each.key
  ecr_repository_prefix = var.prefix
  upstream_registry_url = var.host
}

output "prefix" {
  value = one([for rule in aws_ecr_pull_through_cache_rule.this : rule.ecr_repository_prefix])
}

output "arns" {
  value = [for region, rule in aws_ecr_pull_through_cache_rule.this : "arn:aws:ecr:${region}:111122223333:repository/${rule.id}/*"]
}
