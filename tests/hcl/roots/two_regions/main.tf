terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"

  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/ci/terraform"
  }
}

provider "aws" {
  alias  = "use1"
  region = "us-east-1"

  assume_role {
    role_arn = "arn:aws:iam::222233334444:role/ci/terraform"
  }
}

data "aws_caller_identity" "here" {}

data "aws_region" "east" {
  provider = aws.use1
}

resource "aws_ecr_pull_through_cache_rule" "west" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_ecr_pull_through_cache_rule" "east" {
  provider = aws.use1

  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "aws_iam_role" "upstream" {
  name = "upstream"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "pullthroughcache.ecr.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "read" {
  name = "read"
  role = aws_iam_role.upstream.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecr:BatchGetImage", Resource = "arn:aws:ecr:${data.aws_region.east.region}:${data.aws_caller_identity.here.account_id}:repository/*" }]
  })
}

resource "aws_ecr_pull_through_cache_rule" "private" {
  ecr_repository_prefix      = "base"
  upstream_registry_url      = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
  upstream_repository_prefix = "ROOT"
  custom_role_arn            = aws_iam_role.upstream.arn
}

resource "aws_kms_key" "this" {
  description = "for secrets"
}

resource "aws_kms_key_policy" "this" {
  key_id = aws_kms_key.this.key_id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Principal = { AWS = "arn:aws:iam::222233334444:root" }, Action = "kms:*", Resource = "*" },
      { Effect = "Allow", Principal = { AWS = aws_iam_role.upstream.arn }, Action = "kms:Decrypt", Resource = "*" },
    ]
  })
}

resource "aws_secretsmanager_secret" "token" {
  name       = "ecr-pullthroughcache/token"
  kms_key_id = aws_kms_key.this.arn

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Principal = "*", Action = "secretsmanager:DeleteSecret", Resource = "*" }]
  })
}
