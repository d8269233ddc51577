# The Cloud Control provider, which has the newest of everything first.
terraform {
  required_providers {
    awscc = { source = "hashicorp/awscc" }
  }
}

provider "awscc" {
  region = "eu-west-1"
  assume_role = {
    role_arn = "arn:aws:iam::111122223333:role/deployer"
  }
}

resource "awscc_ecr_pull_through_cache_rule" "quay" {
  ecr_repository_prefix = "quay"
  upstream_registry_url = "quay.io"
}

resource "awscc_ecr_repository_creation_template" "quay" {
  prefix      = awscc_ecr_pull_through_cache_rule.quay.ecr_repository_prefix
  applied_for = ["PULL_THROUGH_CACHE"]
  lifecycle_policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = 20 }
      action       = { type = "expire" }
    }]
  })
}

resource "awscc_ecr_registry_policy" "this" {
  policy_text = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::222233334444:root" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
      Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/quay/*"
    }]
  })
}
