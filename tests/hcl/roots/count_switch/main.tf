terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "environment" {
  type    = string
  default = "prod"

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "dev or prod."
  }
}

variable "enabled" {
  type    = bool
  default = true
}

variable "prefixes" {
  type    = list(string)
  default = ["quay", "k8s"]
}

provider "aws" {
  region              = var.environment == "prod" ? "eu-west-1" : "eu-central-1"
  allowed_account_ids = [var.environment == "prod" ? "111122223333" : "444455556666"]
}

locals {
  hosts   = { quay = "quay.io", k8s = "registry.k8s.io" }
  is_prod = var.environment == "prod"
}

resource "aws_ecr_pull_through_cache_rule" "listed" {
  count = length(var.prefixes)

  ecr_repository_prefix = var.prefixes[count.index]
  upstream_registry_url = local.hosts[element(var.prefixes, count.index)]
}

resource "aws_ecr_pull_through_cache_rule" "public" {
  count = var.enabled ? 1 : 0

  ecr_repository_prefix = "ecr-public${local.is_prod ? "" : "-dev"}"
  upstream_registry_url = "public.ecr.aws"
}

resource "aws_ecr_pull_through_cache_rule" "never" {
  count = local.is_prod && !var.enabled ? 1 : 0

  ecr_repository_prefix = "never"
  upstream_registry_url = "cgr.dev"
}

resource "aws_iam_role" "this" {
  count = local.is_prod ? 2 : 1

  name               = "puller-${count.index + 1}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "this" {
  count = length(aws_iam_role.this)

  name = "pull"
  role = aws_iam_role.this[count.index].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{ Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }],
      count.index == 0 ? [] : [{ Effect = "Allow", Action = "ecr:BatchGetImage", Resource = join("", ["arn:aws:ecr:*:*:repository/", one(aws_ecr_pull_through_cache_rule.public[*].ecr_repository_prefix), "/*"]) }],
      [for rule in aws_ecr_pull_through_cache_rule.listed : { Effect = "Allow", Action = "ecr:BatchGetImage", Resource = "arn:aws:ecr:*:*:repository/${rule.ecr_repository_prefix}/*" }],
    )
  })
}

resource "aws_iam_role_policy_attachment" "managed" {
  count = local.is_prod ? 0 : 1

  role       = aws_iam_role.this[0].name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly"
}
