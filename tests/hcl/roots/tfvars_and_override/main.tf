terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "region" {
  type = string
}

variable "account_id" {
  type    = string
  default = "999999999999"
}

variable "caches" {
  type = map(object({
    upstream = string
    prefix   = optional(string)
    token    = optional(object({ secret = string, days = optional(number, 30) }))
  }))
  nullable = false
}

variable "readers" {
  type    = list(string)
  default = []
}

variable "actions" {
  type    = set(string)
  default = ["ecr:BatchGetImage"]
}

provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account_id]
}

locals {
  tokens = { for name, cache in var.caches : cache.token.secret => cache.token... if cache.token != null }
}

resource "aws_secretsmanager_secret" "token" {
  for_each = local.tokens

  name                    = each.key
  recovery_window_in_days = max([for token in each.value : token.days]...)
}

resource "aws_secretsmanager_secret_version" "token" {
  for_each = aws_secretsmanager_secret.token

  secret_id     = each.value.id
  secret_string = jsonencode({ username = "none", accessToken = "none" })
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.caches

  ecr_repository_prefix      = each.key
  upstream_registry_url      = each.value.upstream
  upstream_repository_prefix = each.value.prefix
  credential_arn             = try(aws_secretsmanager_secret_version.token[each.value.token.secret].arn, null)
}

resource "aws_ecr_registry_policy" "this" {
  count = length(var.readers) > 0 ? 1 : 0

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { AWS = var.readers }
        Action    = var.actions
        Resource  = [for prefix in keys(var.caches) : "arn:aws:ecr:${var.region}:${var.account_id}:repository/${prefix}/*"]
      },
    ]
  })
}

resource "aws_iam_role" "reader" {
  name               = "reader"
  path               = "/"
  assume_role_policy = "{}"
}
