variable "upstream" {
  type = string
}

resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix      = "base"
  upstream_repository_prefix = "base"
  upstream_registry_url      = var.upstream
  custom_role_arn            = aws_iam_role.upstream.arn
}

resource "aws_iam_role" "upstream" {
  name = "base-images"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "pullthroughcache.ecr.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })

  inline_policy {
    name = "import"
    policy = jsonencode({
      Version   = "2012-10-17"
      Statement = [{ Effect = "Allow", Action = ["ecr:BatchImportUpstreamImage", "ecr:BatchGetImage"], Resource = "*" }]
    })
  }
}
