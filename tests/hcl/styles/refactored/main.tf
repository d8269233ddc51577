# Code in the middle of a move: nothing but the resource blocks makes anything.
provider "aws" {
  region              = "us-west-2"
  allowed_account_ids = ["999900001111"]
}

moved {
  from = aws_ecr_pull_through_cache_rule.quay
  to   = aws_ecr_pull_through_cache_rule.this["quay"]
}

removed {
  from = aws_ecr_pull_through_cache_rule.gcr
  lifecycle {
    destroy = false
  }
}

import {
  to = aws_ecr_registry_policy.this
  id = "999900001111"
}

import {
  for_each = toset(["quay", "k8s"])
  to       = aws_ecr_pull_through_cache_rule.this[each.key]
  id       = each.key
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = { quay = "quay.io", k8s = "registry.k8s.io" }

  ecr_repository_prefix = each.key
  upstream_registry_url = each.value

  lifecycle {
    prevent_destroy = true
  }
}

data "aws_iam_policy_document" "common" {
  statement {
    sid       = "Nodes"
    actions   = ["ecr:BatchGetImage"]
    resources = ["arn:aws:ecr:us-west-2:999900001111:repository/quay/*"]
    principals {
      type        = "AWS"
      identifiers = ["111122223333"]
    }
  }
}

data "aws_iam_policy_document" "merged" {
  source_policy_documents = [
    data.aws_iam_policy_document.common.json,
    file("${path.module}/replication.json"),
  ]
  override_policy_documents = [jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Nodes"
      Effect    = "Allow"
      Principal = { AWS = "222233334444" }
      Action    = "ecr:BatchGetImage"
      Resource  = "arn:aws:ecr:us-west-2:999900001111:repository/quay/*"
    }]
  })]

  dynamic "statement" {
    for_each = { k8s = "333344445555" }
    content {
      sid       = title(statement.key)
      actions   = ["ecr:BatchImportUpstreamImage"]
      resources = ["arn:aws:ecr:us-west-2:999900001111:repository/${statement.key}/*"]
      principals {
        type        = "AWS"
        identifiers = [statement.value]
      }
    }
  }
}

resource "aws_ecr_registry_policy" "this" {
  policy = data.aws_iam_policy_document.merged.json
}

resource "aws_kms_key" "images" {
  description = "images"
  policy      = file("${path.module}/key.json")
}

resource "aws_kms_key_policy" "secrets" {
  key_id = "1234abcd-12ab-34cd-56ef-1234567890ab"
  policy = templatefile("${path.module}/key.json", {})
}
