variable "name" {
  type = string
}

variable "caches" {
  type = map(string)
}

variable "readers" {
  type    = list(string)
  default = []
}

variable "options" {
  type = object({
    push  = optional(bool, false)
    pull  = optional(bool, true)
    extra = optional(map(list(string)), { "ecr:DescribeImages" = ["quay"] })
  })
  default = {}
}

module "cache" {
  source   = "../cache"
  for_each = var.caches

  prefix = each.key
  host   = each.value
}

locals {
  actions = concat(
    var.options.pull ? ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] : [],
    var.options.push ? ["ecr:PutImage"] : [],
  )
  statements = concat(
    [
      for prefix in values(module.cache)[*].prefix : {
        Effect    = "Allow"
        Principal = { AWS = var.readers }
        Action    = local.actions
        Resource  = "arn:aws:ecr:eu-west-1:111122223333:repository/${prefix}/*"
      }
    ],
    [
      for action, prefixes in var.options.extra : {
        Effect    = "Allow"
        Principal = { AWS = coalescelist(var.readers, ["111122223333"]) }
        Action    = action
        Resource  = formatlist("arn:aws:ecr:eu-west-1:111122223333:repository/%s/*", prefixes)
      }
    ],
  )
}

resource "aws_ecr_registry_policy" "this" {
  policy = jsonencode({ Version = "2012-10-17", Statement = local.statements })
}

resource "aws_iam_policy" "pull" {
  name_prefix = null
  name        = "${var.name}-pull"
  path        = "/${var.name}/"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = local.actions
      Resource = flatten([for cache in module.cache : cache.arns])
    }]
  })
}

output "prefixes" {
  value = [for cache in module.cache : cache.prefix]
}
