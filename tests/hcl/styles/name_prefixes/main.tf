# Names that AWS has to make unique, so that what replaces them can be made before.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

resource "aws_secretsmanager_secret" "hub" {
  name_prefix = "ecr-pullthroughcache/hub-"
}

resource "aws_ecr_pull_through_cache_rule" "hub" {
  ecr_repository_prefix = "hub"
  upstream_registry_url = "registry-1.docker.io"
  credential_arn        = aws_secretsmanager_secret.hub.arn
}

resource "aws_iam_role" "templates" {
  name_prefix = "ecr-templates-"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ecr.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy" "templates" {
  name_prefix = "create-"
  role        = aws_iam_role.templates.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ecr:CreateRepository", "ecr:TagResource"], Resource = "*" }]
  })
}

resource "aws_ecr_repository_creation_template" "hub" {
  prefix          = "hub"
  applied_for     = ["PULL_THROUGH_CACHE"]
  custom_role_arn = aws_iam_role.templates.arn
  resource_tags   = { team = "images" }
}

resource "aws_iam_policy" "pull" {
  name_prefix = "pull-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "ecr:GetAuthorizationToken", Resource = "*" }]
  })
}
