# Names come from a label module, and nearly everything can be switched off.
provider "aws" {
  region              = var.region
  allowed_account_ids = ["444455556666"]
}

module "this" {
  source = "./label"

  enabled     = var.enabled
  namespace   = "acme"
  stage       = var.stage
  name        = "ecr"
  attributes  = ["cache"]
  label_order = ["namespace", "stage", "name", "attributes"]
}

locals {
  enabled = module.this.enabled
  rules   = local.enabled ? var.pull_through_cache_rules : {}
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = local.rules

  ecr_repository_prefix = each.key
  upstream_registry_url = each.value.registry
  credential_arn        = lookup(each.value, "secret", "") == "" ? null : data.aws_secretsmanager_secret.this[each.key].arn
}

data "aws_secretsmanager_secret" "this" {
  for_each = { for key, rule in local.rules : key => rule.secret if lookup(rule, "secret", "") != "" }
  name     = each.value
}

resource "aws_iam_role" "nodes" {
  count = local.enabled ? 1 : 0

  name = module.this.id
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  tags = module.this.tags
}

resource "aws_iam_role_policy_attachment" "nodes" {
  count = local.enabled ? length(var.policies) : 0

  role       = join("", aws_iam_role.nodes[*].name)
  policy_arn = "arn:aws:iam::aws:policy/${element(var.policies, count.index)}"
}
