# Another account may pull what is cached below docker-hub, and its own registry may cache base images.
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

module "access" {
  source = "../.."

  account_id = "111122223333"
  region     = "eu-west-1"
  partition  = "aws"
  grants = {
    FirstPullDockerHub = {
      level          = "first-pull"
      prefixes       = ["docker-hub"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/eks-node"]
    }
    CacheBaseImages = {
      level          = "upstream"
      prefixes       = ["base"]
      account_ids    = ["222233334444"]
      principal_arns = ["arn:aws:iam::222233334444:role/ecr-upstream"]
    }
  }
}

output "policy" {
  description = "The registry policy as ECR has it."
  value       = module.access.policy
}
