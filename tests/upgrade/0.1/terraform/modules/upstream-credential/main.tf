resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV_AWS_149: ECR reads the secret with the AWS managed key only (ECR user guide, pull-through-cache-creating-secret)
  #checkov:skip=CKV2_AWS_57: the token belongs to the upstream registry; Secrets Manager has no rotation for it
  for_each = var.credentials

  region                  = var.region
  name                    = each.key
  description             = "User name and access token for an upstream registry of ECR pull-through caches."
  recovery_window_in_days = each.value.recovery_window_in_days
}

# The version keeps a staging label of its own: when the real value takes AWSCURRENT, a version
# without labels could be deleted, and the placeholder would come back over the real value.
resource "aws_secretsmanager_secret_version" "placeholder" {
  for_each = { for name, credential in var.credentials : name => credential if credential.value_version == null }

  region                   = var.region
  secret_id                = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo         = jsonencode({ username = "placeholder", accessToken = "placeholder" })
  secret_string_wo_version = 1
  version_stages           = ["AWSCURRENT", "forebay-placeholder"]

  lifecycle {
    ignore_changes = [version_stages]
  }
}

# Written again only when the version changes: Terraform cannot see whether the value did.
resource "aws_secretsmanager_secret_version" "written" {
  for_each = { for name, credential in var.credentials : name => credential if credential.value_version != null }

  region    = var.region
  secret_id = aws_secretsmanager_secret.this[each.key].id
  secret_string_wo = contains(keys(var.documents), each.key) ? var.documents[each.key] : jsonencode({
    username    = var.values[each.key].username
    accessToken = var.values[each.key].access_token
  })
  secret_string_wo_version = each.value.value_version
}

resource "time_sleep" "settle" {
  for_each = var.credentials

  create_duration = var.settle_duration
  triggers = {
    arn = each.value.value_version == null ? aws_secretsmanager_secret_version.placeholder[each.key].arn : aws_secretsmanager_secret_version.written[each.key].arn
  }
}
