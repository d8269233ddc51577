# A module that makes one thing or none, and callers who take what there is.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

module "hub_secret" {
  source = "./secrets"
  name   = "ecr-pullthroughcache/hub"
}

module "ghcr_secret" {
  source = "./secrets"
  name   = "ecr-pullthroughcache/ghcr"
}

module "no_secret" {
  source = "./secrets"
  name   = ""
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = module.hub_secret.arn
}

resource "aws_ecr_pull_through_cache_rule" "ghcr" {
  ecr_repository_prefix = "ghcr"
  upstream_registry_url = "ghcr.io"
  credential_arn        = module.ghcr_secret.joined
}

resource "aws_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
  credential_arn        = module.no_secret.arn
}
