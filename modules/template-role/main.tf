locals {
  repositories = {
    for name, role in var.roles : name => [
      for template in role.templates : {
        arn         = var.role_scope == "documented" ? "*" : "arn:${var.partition}:ecr:${template.region}:${var.account_id}:repository/${template.prefix == "ROOT" ? "*" : "${template.prefix}/*"}"
        tags        = template.tags
        replication = template.replication
      }
    ]
  }

  statements = {
    for name, role in var.roles : name => [
      {
        Sid      = "CreateRepositories"
        Effect   = "Allow"
        Action   = ["ecr:CreateRepository"]
        Resource = distinct([for repository in local.repositories[name] : repository.arn])
      },
      {
        Sid      = "ReplicateImages"
        Effect   = "Allow"
        Action   = ["ecr:ReplicateImage"]
        Resource = distinct([for repository in local.repositories[name] : repository.arn if repository.replication])
      },
      {
        Sid      = "TagRepositories"
        Effect   = "Allow"
        Action   = ["ecr:TagResource"]
        Resource = distinct([for repository in local.repositories[name] : repository.arn if repository.tags])
      },
      {
        Sid      = "UseKeys"
        Effect   = "Allow"
        Action   = ["kms:CreateGrant", "kms:DescribeKey", "kms:RetireGrant"]
        Resource = distinct([for template in role.templates : template.kms_key_arn if template.kms_key_arn != null])
      },
    ]
  }
}

# ECR assumes the role of a template as ecr.amazonaws.com, and that of a cache rule as another service.
resource "aws_iam_role" "this" {
  for_each = var.roles

  name                 = each.key
  path                 = var.path
  permissions_boundary = var.permissions_boundary
  description          = "Lets ECR tag and encrypt the repositories that it creates from templates."
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect    = "Allow"
        Principal = { Service = "ecr.amazonaws.com" }
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
  for_each = var.roles

  name = "creation-templates"
  role = aws_iam_role.this[each.key].name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [for statement in local.statements[each.key] : statement if length(statement.Resource) > 0]
  })
}
