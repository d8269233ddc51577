# Two public registries cached in one account; what is cached expires after ninety days.
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
  allowed_account_ids = ["111122223333"]
}

module "cache" {
  source = "../.."

  region = "eu-west-1"
  rules = {
    ecr-public = { upstream_registry_url = "public.ecr.aws" }
    kubernetes = { upstream_registry_url = "registry.k8s.io" }
  }
  creation_templates = {
    ROOT       = { expire_after_days = 90 }
    kubernetes = { description = "Kept until newer ones come.", keep_images = 20 }
  }
}

output "rules" {
  description = "Where the images come from, by repository prefix."
  value       = module.cache.rules
}
