terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

provider "aws" {
  alias               = "us"
  region              = "us-east-1"
  allowed_account_ids = ["111122223333"]
}

locals {
  teams = {
    water = { prefixes = ["quay", "k8s"], accounts = ["222233334444"] }
    wind  = { prefixes = ["ecr-public"], accounts = [] }
  }
  hosts = { quay = "quay.io", k8s = "registry.k8s.io", ecr-public = "public.ecr.aws" }
}

module "team" {
  source   = "./team"
  for_each = local.teams

  name  = each.key
  rules = { for prefix in each.value.prefixes : "${each.key}-${prefix}" => local.hosts[prefix] }
  to    = each.value.accounts
}

module "us" {
  source = "./team"
  count  = 2

  providers = { aws = aws.us }

  name  = "us-${count.index}"
  rules = count.index == 0 ? { us-quay = "quay.io" } : {}
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = flatten([for name, team in module.team : [for statement in team.statements : merge(statement, { Sid = "${name}${index(team.statements, statement)}" })]])
  })
}

resource "aws_iam_role" "ci" {
  for_each = module.team

  name               = format("ci-%s-%02d", each.key, length(each.value.rule_ids))
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { AWS = "arn:aws:iam::111122223333:root" } }] })
}
