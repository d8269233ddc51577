terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

data "aws_caller_identity" "this" {}

locals {
  readers = {
    shop   = { id = "222233334444", roles = ["eks-node", "ci/*"] }
    search = { id = "333344445555", roles = [] }
  }
  repository = "arn:aws:ecr:eu-west-1:${data.aws_caller_identity.this.account_id}:repository"
}

data "aws_iam_policy_document" "base" {
  statement {
    sid       = "Base"
    actions   = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["${local.repository}/base/*"]

    principals {
      type        = "AWS"
      identifiers = ["444455556666"]
    }
  }
}

data "aws_iam_policy_document" "import" {
  version = "2012-10-17"

  dynamic "statement" {
    for_each = local.readers
    iterator = reader

    content {
      sid       = "Import${title(reader.key)}"
      effect    = "Allow"
      actions   = toset(["ecr:CreateRepository", "ecr:BatchImportUpstreamImage"])
      resources = [for prefix in ["quay", "docker-hub"] : "${local.repository}/${prefix}/*"]

      principals {
        type        = "AWS"
        identifiers = [format("arn:aws:iam::%s:root", reader.value.id)]
      }

      dynamic "condition" {
        for_each = length(reader.value.roles) > 0 ? [reader.value.roles] : []

        content {
          test     = "ArnLike"
          variable = "aws:PrincipalArn"
          values   = [for role in condition.value : "arn:aws:iam::${reader.value.id}:role/${role}"]
        }
      }
    }
  }
}

data "aws_iam_policy_document" "all" {
  source_policy_documents = [
    data.aws_iam_policy_document.base.json,
    data.aws_iam_policy_document.import.json,
  ]

  override_policy_documents = [jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Base", Effect = "Deny", Principal = "*", Action = "ecr:PutImage", Resource = "*" }]
  })]

  statement {
    sid       = "DenyOthers"
    effect    = "Deny"
    actions   = ["ecr:DeleteRepository"]
    resources = ["*"]

    not_principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }

  statement {
    not_actions   = ["ecr:DeleteRepository", "ecr:PutImage"]
    not_resources = ["arn:aws:ecr:*:*:repository/own/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:PrincipalOrgID"
      values   = ["o-a1b2c3d4e5"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
}

resource "aws_ecr_registry_policy" "this" {
  policy = data.aws_iam_policy_document.all.json
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["pullthroughcache.ecr.amazonaws.com", "ecr.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "upstream" {
  statement {
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    actions   = ["ecr:BatchGetImage"]
    resources = ["arn:aws:ecr:eu-west-1:222233334444:repository/&{aws:username}/*", "arn:aws:ecr:eu-west-1:222233334444:repository/base/*"]
  }
}

resource "aws_iam_role" "upstream" {
  name               = "upstream"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "upstream" {
  name   = "read"
  role   = aws_iam_role.upstream.name
  policy = data.aws_iam_policy_document.upstream.minified_json
}
