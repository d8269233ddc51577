# What the submodule iam-group-with-policies of the registry module terraform-aws-modules/iam makes of its inputs,
# in 5. Names and defaults are facts about that module; the code is forebay's own. The policy by which people
# manage themselves is about no registry.

variable "create_group" {
  type    = bool
  default = true
}

variable "name" {
  type    = string
  default = ""
}

variable "path" {
  type    = string
  default = "/"
}

variable "custom_group_policy_arns" {
  type    = list(string)
  default = []
}

variable "custom_group_policies" {
  type    = list(map(string))
  default = []
}

# What makes no record of ours.
variable "group_users" {
  type    = list(string)
  default = []
}

variable "attach_iam_self_management_policy" {
  default = null
}

variable "iam_self_management_policy_name_prefix" {
  default = null
}

variable "enable_mfa_enforcement" {
  default = null
}

variable "aws_account_id" {
  default = null
}

variable "tags" {
  default = null
}

resource "aws_iam_group" "this" {
  count = var.create_group ? 1 : 0

  name = var.name
  path = var.path
}

resource "aws_iam_group_policy_attachment" "custom_arns" {
  count = length(var.custom_group_policy_arns)

  group      = var.name
  policy_arn = var.custom_group_policy_arns[count.index]
}

resource "aws_iam_policy" "custom" {
  count = length(var.custom_group_policies)

  name   = var.custom_group_policies[count.index]["name"]
  policy = var.custom_group_policies[count.index]["policy"]
}

resource "aws_iam_group_policy_attachment" "custom" {
  count = length(var.custom_group_policies)

  group      = var.name
  policy_arn = aws_iam_policy.custom[count.index].arn
}

output "group_name" {
  value = var.name
}

output "group_arn" {
  value = try(aws_iam_group.this[0].arn, "")
}

output "group_users" {
  value = var.group_users
}

output "aws_account_id" {
  value = local.account_of_the_caller
}
