# A secret with a placeholder, and the rule that uses it.
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 6.50, < 7.0"
    }
    time = {
      source  = "hashicorp/time"
      version = ">= 0.12, < 1.0"
    }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

module "credentials" {
  source = "../.."

  region = "eu-west-1"
  credentials = {
    "ecr-pullthroughcache/docker-hub" = { recovery_window_in_days = 7 }
  }
}

# The output is known only when the secret has a version and has settled, so nothing else is needed to
# make the rule after it.
resource "aws_ecr_pull_through_cache_rule" "docker_hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = module.credentials.arns["ecr-pullthroughcache/docker-hub"]
}
