locals {
  documented = [
    {
      Effect = "Allow"
      Action = [
        "ecr:BatchGetImage",
        "ecr:BatchImportUpstreamImage",
        "ecr:CompleteLayerUpload",
        "ecr:GetAuthorizationToken",
        "ecr:GetDownloadUrlForLayer",
        "ecr:GetImageCopyStatus",
        "ecr:InitiateLayerUpload",
        "ecr:PutImage",
        "ecr:UploadLayerPart",
      ]
      Resource = ["*"]
    },
  ]

  scoped = {
    for name, role in var.roles : name => [
      {
        Sid      = "Token"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid    = "ReadUpstream"
        Effect = "Allow"
        Action = [
          "ecr:BatchGetImage",
          "ecr:BatchImportUpstreamImage",
          "ecr:GetDownloadUrlForLayer",
          "ecr:GetImageCopyStatus",
        ]
        Resource = [
          for upstream in role.upstreams :
          "arn:${var.partition}:ecr:${upstream.region}:${upstream.account_id}:repository/${upstream.prefix == "ROOT" ? "*" : "${upstream.prefix}/*"}"
        ]
      },
      {
        Sid    = "WriteCache"
        Effect = "Allow"
        Action = [
          "ecr:CompleteLayerUpload",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = [
          for cache in role.caches :
          "arn:${var.partition}:ecr:${cache.region}:${var.account_id}:repository/${cache.prefix == "ROOT" ? "*" : "${cache.prefix}/*"}"
        ]
      },
    ]
  }

  policies = {
    for name in keys(var.roles) :
    name => var.role_scope == "documented" ? jsonencode({ Version = "2012-10-17", Statement = local.documented }) : jsonencode({ Version = "2012-10-17", Statement = local.scoped[name] })
  }
}

# ECR assumes the role with the rule's own service principal, not ecr.amazonaws.com. Whether it sends
# aws:SourceAccount on that call is not documented, so no condition is set on it.
resource "aws_iam_role" "this" {
  for_each = var.roles

  name                 = each.key
  path                 = var.path
  permissions_boundary = var.permissions_boundary
  description          = "Lets ECR pull-through cache rules of this account read private registries of other accounts."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "pullthroughcache.ecr.amazonaws.com" }
        Action    = "sts:AssumeRole"
      },
    ]
  })

  # A role that was there before keeps its own words.
  lifecycle {
    ignore_changes = [description]
  }
}

resource "aws_iam_role_policy" "this" {
  #checkov:skip=CKV_AWS_355: ecr:GetAuthorizationToken has no resource type (Service Authorization Reference)
  for_each = var.roles

  name   = "pull-through-cache"
  role   = aws_iam_role.this[each.key].name
  policy = local.policies[each.key]
}
