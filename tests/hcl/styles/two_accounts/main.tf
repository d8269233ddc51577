# One root acts in both accounts: the hub keeps the base images, the spoke caches them.
data "aws_caller_identity" "spoke" {
  provider = aws.spoke
}

resource "aws_ecr_registry_policy" "hub" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetSpokesImport"
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.spoke.account_id }
      Action    = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchImportUpstreamImage", "ecr:GetImageCopyStatus"]
      Resource  = "arn:aws:ecr:eu-west-1:${var.accounts.hub}:repository/base/*"
    }]
  })
}

module "spoke" {
  source = "./cache"
  providers = {
    aws = aws.spoke
  }

  upstream = "${var.accounts.hub}.dkr.ecr.eu-west-1.amazonaws.com"
}
