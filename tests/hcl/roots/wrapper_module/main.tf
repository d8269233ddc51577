terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

module "registry" {
  source = "./modules/registry"

  name    = "central"
  caches  = { quay = "quay.io", "team/k8s" = "registry.k8s.io" }
  readers = ["222233334444"]
  options = { push = true }
}

output "prefixes" {
  value = module.registry.prefixes
}
