# Repositories below quay are tagged when ECR creates them, which takes a role.
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

module "template_role" {
  source = "../.."

  account_id = "111122223333"
  partition  = "aws"
  roles = {
    ecr-templates = {
      templates = [{ region = "eu-west-1", prefix = "quay", tags = true }]
    }
  }
}

resource "aws_ecr_repository_creation_template" "quay" {
  prefix          = "quay"
  applied_for     = ["PULL_THROUGH_CACHE"]
  resource_tags   = { team = "platform" }
  custom_role_arn = module.template_role.role_arns["ecr-templates"]
}
