provider "aws" {
  region = "us-east-1"
}

locals {
  host = "quay.io"
}

resource "aws_ecr_pull_through_cache_rule" "main" {
  ecr_repository_prefix = "images"
  upstream_registry_url = local.host
}

resource "aws_ecr_repository_creation_template" "main" {
  prefix               = "images"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
}
