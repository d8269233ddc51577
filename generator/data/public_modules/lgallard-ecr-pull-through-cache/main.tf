# What the submodule pull-through-cache of the registry module lgallard/ecr makes of its inputs, from 1.5 on.
# Names and defaults are facts about that module; the code is forebay's own.

variable "name" {
  type    = string
  default = ""
}

variable "aws_account_id" {
  type    = string
  default = ""
}

variable "pull_through_cache_rules" {
  type    = list(object({ ecr_repository_prefix = string, upstream_registry_url = string, credential_arn = optional(string) }))
  default = []
}

variable "tags" {
  default = null
}

resource "aws_ecr_pull_through_cache_rule" "cache_rules" {
  count = length(var.pull_through_cache_rules)

  ecr_repository_prefix = var.pull_through_cache_rules[count.index].ecr_repository_prefix
  upstream_registry_url = var.pull_through_cache_rules[count.index].upstream_registry_url
  credential_arn        = var.pull_through_cache_rules[count.index].credential_arn
}

# The module makes this role and gives it to no rule.
resource "aws_iam_role" "pull_through_cache" {
  count = length(var.pull_through_cache_rules) > 0 ? 1 : 0

  name               = "ecr-pull-through-cache-${var.name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ecr.amazonaws.com" } }] })
}

resource "aws_iam_role_policy" "pull_through_cache" {
  count = length(var.pull_through_cache_rules) > 0 ? 1 : 0

  role = aws_iam_role.pull_through_cache[0].id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{
    Effect   = "Allow"
    Action   = ["ecr:CreateRepository", "ecr:PutImage", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart", "ecr:CompleteLayerUpload"]
    Resource = ["arn:aws:ecr:*:${var.aws_account_id}:repository/*"]
  }] })
}

output "pull_through_cache_role_arn" {
  value = try(aws_iam_role.pull_through_cache[0].arn, null)
}

output "pull_through_cache_role_name" {
  value = try(aws_iam_role.pull_through_cache[0].name, null)
}
