# The style of many small platforms: secrets of their own, everything else from a public module.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.50"
    }
  }
}

provider "aws" {
  region              = "eu-central-1"
  allowed_account_ids = ["111122223333"]
}

locals {
  upstreams = {
    docker-hub = { url = "registry-1.docker.io", secret = true }
    github     = { url = "ghcr.io", secret = true }
    quay       = { url = "quay.io", secret = false }
  }
}

resource "aws_secretsmanager_secret" "upstream" {
  for_each = { for name, upstream in local.upstreams : name => upstream if upstream.secret }

  name = "ecr-pullthroughcache/${each.key}"
}

module "ecr" {
  source  = "terraform-aws-modules/ecr/aws"
  version = "~> 3.1"

  create_repository = false

  registry_pull_through_cache_rules = {
    for name, upstream in local.upstreams : name => {
      ecr_repository_prefix = name
      upstream_registry_url = upstream.url
      credential_arn        = upstream.secret ? aws_secretsmanager_secret.upstream[name].arn : null
    }
  }

  create_registry_policy = true
  registry_policy        = data.aws_iam_policy_document.registry.json
}

data "aws_iam_policy_document" "registry" {
  statement {
    sid       = "PullFromShop"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage"]
    resources = [for name in keys(local.upstreams) : "arn:aws:ecr:eu-central-1:111122223333:repository/${name}/*"]

    principals {
      type        = "AWS"
      identifiers = ["222233334444"]
    }
  }
}

module "vpc" {
  source  = "terraform-aws-modules/vpc/aws"
  version = "~> 6.0"
  name    = "platform"
}
