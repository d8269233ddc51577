# What the submodule iam-policy of the registry module terraform-aws-modules/iam makes of its inputs, in 5
# and 6. Names and defaults are facts about that module; the code is forebay's own.

variable "create" {
  type    = bool
  default = true
}

# What earlier versions call it.
variable "create_policy" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = null
}

variable "name_prefix" {
  type    = string
  default = null
}

variable "path" {
  type    = string
  default = null
}

variable "policy" {
  type    = string
  default = ""
}

variable "description" {
  default = null
}

variable "tags" {
  default = null
}

resource "aws_iam_policy" "policy" {
  count = var.create && var.create_policy ? 1 : 0

  name        = var.name
  name_prefix = var.name_prefix
  path        = var.path
  policy      = var.policy
}

output "arn" {
  value = try(aws_iam_policy.policy[0].arn, null)
}

output "id" {
  value = try(aws_iam_policy.policy[0].id, null)
}

output "name" {
  value = try(aws_iam_policy.policy[0].name, null)
}

output "path" {
  value = var.path
}

output "description" {
  value = var.description
}

output "policy" {
  value = var.policy
}
