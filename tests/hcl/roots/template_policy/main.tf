terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region = "eu-west-1"

  allowed_account_ids = ["111122223333"]
}

variable "readers" {
  default = ["222233334444", "333344445555"]
}

locals {
  settings = jsondecode(file("${path.module}/settings.json"))
}

resource "aws_ecr_registry_policy" "this" {
  policy = templatefile("${path.module}/policies/registry.json.tftpl", {
    readers  = var.readers
    prefixes = local.settings.prefixes
    region   = "eu-west-1"
  })
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = { for prefix in local.settings.prefixes : prefix => local.settings.hosts[prefix] }

  ecr_repository_prefix = each.key
  upstream_registry_url = each.value
}

resource "aws_iam_role" "node" {
  name               = trimsuffix(basename("${path.module}/policies/node.json"), ".json")
  assume_role_policy = file("${path.module}/policies/node.json")
}

resource "aws_iam_policy" "node" {
  name   = "node-${substr(local.settings.hosts.quay, 0, 4)}"
  policy = replace(file("${path.module}/policies/pull.json"), "/ACCOUNT|REGION/", "*")
}
