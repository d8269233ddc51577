# Written for Terraform 0.11, and only ever changed where it had to be.
provider "aws" {
  region  = var.region
  version = "~> 3.76"
  profile = "shared"

  allowed_account_ids = ["${var.account}"]
}

variable "region" {
  default = "eu-west-1"
}

variable "account" {
  default = "555566667777"
}

variable "prefixes" {
  type    = list(string)
  default = ["quay", "ecr-public"]
}

variable "hosts" {
  type = map(string)

  default = {
    "quay"       = "quay.io"
    "ecr-public" = "public.ecr.aws"
  }
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

resource "aws_ecr_pull_through_cache_rule" "cache" {
  count                 = length(var.prefixes)
  ecr_repository_prefix = element(var.prefixes, count.index)
  upstream_registry_url = lookup(var.hosts, element(var.prefixes, count.index))
}

#resource "aws_ecr_pull_through_cache_rule" "gcr" {
#  ecr_repository_prefix = "gcr"
#  upstream_registry_url = "gcr.io"
#}

/*
resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "docker-hub"
  upstream_registry_url = "registry-1.docker.io"
}
*/

resource "aws_ecr_registry_policy" "policy" {
  policy = <<POLICY
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Nodes",
      "Effect": "Allow",
      "Principal": { "AWS": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/node" },
      "Action": ["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"],
      "Resource": "arn:aws:ecr:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}:repository/*"
    }
  ]
}
POLICY
}
