# The nodes of this account pull through the caches of another one.
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

resource "aws_iam_role" "nodes" {
  name = "nodes"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "ec2.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })
}

module "pullers" {
  source = "../.."

  partition = "aws"
  policies = {
    pull-through-caches = {
      grants = [
        { level = "first-pull", account_id = "111122223333", region = "eu-west-1", prefixes = ["docker-hub", "quay"] },
        { level = "cached", account_id = "111122223333", region = "eu-west-1", prefixes = ["kubernetes"] },
      ]
      roles = [aws_iam_role.nodes.name]
    }
  }
}

output "policy_arns" {
  description = "The policies by name, to attach to further roles."
  value       = module.pullers.policy_arns
}
