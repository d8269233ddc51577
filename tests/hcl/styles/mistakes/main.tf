# Mistakes that people reported in public, as they look in code: reading must keep each as it is.
provider "aws" {
  region              = "eu-west-1"
  allowed_account_ids = ["111122223333"]
}

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

# Two owners of the one registry policy: whoever applies last wins.
resource "aws_ecr_registry_policy" "import" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "Import"
      Effect = "Allow"
      # The ARN of a session, which AWS turns into something else.
      Principal = { AWS = "arn:aws:sts::222233334444:assumed-role/node/i-0123456789abcdef0" }
      Action    = "ecr:BatchImportUpstreamImage"
      # The service is missing, and AWS takes it.
      Resource = "arn:aws::eu-west-1:111122223333:repository/quay/*"
    }]
  })
}

resource "aws_ecr_registry_policy" "replicate" {
  # No Resource: a repository's policy in the registry's place.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::333344445555:root" }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    }]
  })
}

# Actions that only scope V2 enforces, in a registry that is set to V1.
resource "aws_ecr_account_setting" "scope" {
  name  = "REGISTRY_POLICY_SCOPE"
  value = "V1"
}

# The wrong service and no region: the statement of a well-known example, which grants nothing.
data "aws_iam_policy_document" "example" {
  statement {
    actions   = ["ecr:BatchImportUpstreamImage"]
    resources = ["arn:${data.aws_partition.current.partition}:ecr-public::${data.aws_caller_identity.current.account_id}:repository/dockerhub/*"]
  }
}

resource "aws_iam_policy" "example" {
  name   = "pull"
  policy = data.aws_iam_policy_document.example.json
}

# A node that may read and not import: the first pull fails.
resource "aws_iam_role" "node" {
  name               = "node"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_iam_role_policy_attachment" "node" {
  role       = aws_iam_role.node.name
  policy_arn = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
}

# Tags without a role, immutable tags on a cache, and `null` in the lifecycle's JSON.
resource "aws_ecr_repository_creation_template" "quay" {
  prefix               = "quay"
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = "IMMUTABLE"
  resource_tags        = { team = "water" }
  lifecycle_policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 1, storageClass = null }
      action       = { type = "expire", targetStorageClass = null }
    }]
  })
}

# A role for the rule that trusts the service of the templates.
resource "aws_iam_role" "rule" {
  name               = "rule"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ecr.amazonaws.com" }, Action = "sts:AssumeRole" }] })
}

resource "aws_ecr_pull_through_cache_rule" "base" {
  ecr_repository_prefix = "base"
  upstream_registry_url = "222233334444.dkr.ecr.eu-west-1.amazonaws.com"
  custom_role_arn       = aws_iam_role.rule.arn
}

# No upstream that AWS knows, an upper-case prefix, and a credential that is not named as it must be.
resource "aws_ecr_pull_through_cache_rule" "gcr" {
  ecr_repository_prefix = "GCR"
  upstream_registry_url = "gcr.io"
  credential_arn        = aws_secretsmanager_secret.gcr.arn
}

resource "aws_secretsmanager_secret" "gcr" {
  name       = "docker/gcr"
  kms_key_id = "alias/platform"
}

# The key must be accessToken; the value itself is nobody's business here.
resource "aws_secretsmanager_secret_version" "gcr" {
  secret_id     = aws_secretsmanager_secret.gcr.id
  secret_string = jsonencode({ username = "robot", password = "never-to-be-seen" })
}
