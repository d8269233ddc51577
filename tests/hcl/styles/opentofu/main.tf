# What Terraform would read in place of main.tofu.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["888899990000"]
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}
