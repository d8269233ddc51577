# What one environment has in another way.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

locals {
  host = "public.ecr.aws"
}

resource "aws_ecr_pull_through_cache_rule" "main" {
  ecr_repository_prefix = "public"
}
