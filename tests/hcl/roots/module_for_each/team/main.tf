terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "name" {}

variable "rules" {
  type = map(string)
}

variable "to" {
  type    = set(string)
  default = []
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.rules

  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}

resource "aws_iam_policy" "team" {
  name = "team-${var.name}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ecr:BatchGetImage"], Resource = length(var.rules) == 0 ? ["*"] : [for key in keys(var.rules) : "arn:aws:ecr:*:111122223333:repository/${key}/*"] }]
  })
}

output "statements" {
  value = [for id in var.to : {
    Effect    = "Allow"
    Principal = { AWS = id }
    Action    = "ecr:BatchGetImage"
    Resource  = [for rule in aws_ecr_pull_through_cache_rule.this : "arn:aws:ecr:eu-west-1:111122223333:repository/${rule.ecr_repository_prefix}/*"]
  }]
}

output "rule_ids" {
  value = { for key, rule in aws_ecr_pull_through_cache_rule.this : key => rule.id }
}
