# The registry of this account caches base images of another account.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.50, < 7.0"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["222233334444"]
}

module "upstream_access" {
  source = "../.."

  account_id = "222233334444"
  partition  = "aws"
  roles = {
    ecr-upstream = {
      upstreams = [{ account_id = "111122223333", region = "eu-west-1", prefix = "base" }]
      caches    = [{ region = "eu-west-1", prefix = "platform" }]
    }
  }
}

resource "aws_ecr_pull_through_cache_rule" "platform" {
  ecr_repository_prefix      = "platform"
  upstream_registry_url      = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
  upstream_repository_prefix = "base"
  custom_role_arn            = module.upstream_access.role_arns["ecr-upstream"]
}
