# One folder, a workspace for each stage.
provider "aws" {
  region              = local.stage.region
  allowed_account_ids = [local.stage.account]
}

locals {
  stages = {
    default = { account = "111122223333", region = "eu-west-1", caches = ["quay"] }
    prod    = { account = "222233334444", region = "eu-central-1", caches = ["quay", "k8s"] }
  }
  stage = local.stages[terraform.workspace]
  hosts = { quay = "quay.io", k8s = "registry.k8s.io" }
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = toset(local.stage.caches)

  ecr_repository_prefix = terraform.workspace == "default" ? each.key : "${terraform.workspace}-${each.key}"
  upstream_registry_url = local.hosts[each.key]
}
