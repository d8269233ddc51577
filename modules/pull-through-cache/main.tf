data "aws_secretsmanager_secret" "credential" {
  for_each = toset([
    for rule in values(var.rules) : rule.credential_secret_name
    if rule.credential_secret_name != null && !contains(keys(var.credential_arns), coalesce(rule.credential_secret_name, "-"))
  ])

  region = var.region
  name   = each.value
}

resource "aws_ecr_pull_through_cache_rule" "this" {
  for_each = var.rules

  region                     = var.region
  ecr_repository_prefix      = each.key
  upstream_registry_url      = each.value.upstream_registry_url
  upstream_repository_prefix = each.value.upstream_repository_prefix
  credential_arn = each.value.credential_secret_name == null ? each.value.credential_arn : (
    contains(keys(var.credential_arns), each.value.credential_secret_name) ? var.credential_arns[each.value.credential_secret_name] : data.aws_secretsmanager_secret.credential[each.value.credential_secret_name].arn
  )
  custom_role_arn = each.value.custom_role_name == null ? each.value.custom_role_arn : var.custom_role_arns[each.value.custom_role_name]

  # A template counts only when a repository is created, so it has to be there before the first pull.
  depends_on = [aws_ecr_repository_creation_template.this]
}
