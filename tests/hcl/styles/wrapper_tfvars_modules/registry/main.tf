variable "prefix" {
  type = string
}

variable "settings" {
  type = object({ host = string, mutability = string, keep = number })
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  ecr_repository_prefix = var.prefix
  upstream_registry_url = var.settings.host
}

resource "aws_ecr_repository_creation_template" "this" {
  prefix               = var.prefix
  applied_for          = ["PULL_THROUGH_CACHE"]
  image_tag_mutability = var.settings.mutability
  lifecycle_policy = jsonencode({
    rules = [{
      rulePriority = 1
      selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.settings.keep }
      action       = { type = "expire" }
    }]
  })
}
