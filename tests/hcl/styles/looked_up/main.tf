# Everything that somebody else makes is looked up.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

data "aws_caller_identity" "me" {}
data "aws_region" "here" {}
data "aws_partition" "this" {}

data "aws_secretsmanager_secret" "hub" {
  name = "ecr-pullthroughcache/hub"
}

data "aws_iam_role" "upstream" {
  name = "cache-upstream"
}

data "aws_kms_alias" "images" {
  name = "alias/images"
}

data "aws_iam_role" "templates" {
  name = "templates"
}

data "aws_ecr_lifecycle_policy_document" "twenty" {
  rule {
    priority = 1
    selection {
      tag_status   = "any"
      count_type   = "imageCountMoreThan"
      count_number = 20
    }
  }
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = data.aws_secretsmanager_secret.hub.arn
}

resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.${data.aws_region.here.region}.${data.aws_partition.this.dns_suffix}"
  custom_role_arn       = data.aws_iam_role.upstream.arn
}

resource "aws_ecr_repository_creation_template" "hub" {
  prefix           = "hub"
  applied_for      = ["PULL_THROUGH_CACHE"]
  custom_role_arn  = data.aws_iam_role.templates.arn
  lifecycle_policy = data.aws_ecr_lifecycle_policy_document.twenty.json
  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = data.aws_kms_alias.images.target_key_arn
  }
}

data "aws_iam_policy_document" "shared" {
  statement {
    sid       = "ShopPulls"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["arn:${data.aws_partition.this.partition}:ecr:${data.aws_region.here.region}:${data.aws_caller_identity.me.account_id}:repository/hub/*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:${data.aws_partition.this.partition}:iam::222233334444:root"]
    }
  }
}

resource "aws_ecr_registry_policy" "this" {
  policy = data.aws_iam_policy_document.shared.json
}
