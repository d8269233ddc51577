locals {
  actions = {
    cached     = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    pull       = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
    first-pull = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:GetDownloadUrlForLayer"]
    upstream   = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer", "ecr:GetImageCopyStatus"]
  }

  repositories = "arn:${var.partition}:ecr:${var.region}:${var.account_id}:repository"

  # Accounts are the principals and roles a condition: ECR refuses a whole policy that names a role
  # which does not exist yet, so naming roles would make the order of applies matter. Where it is
  # units, an organization, or accounts as a condition, everybody is the principal and the
  # conditions say who.
  conditions = {
    for sid, grant in var.grants : sid => {
      for operator, tests in {
        (anytrue([for arn in grant.principal_arns : length(regexall("[*?]", arn)) > 0]) ? "ArnLike" : "ArnEquals") = {
          "aws:PrincipalArn" = grant.principal_arns
        }
        StringEquals = {
          "aws:PrincipalOrgID"   = grant.organization_id == null ? [] : [grant.organization_id]
          "aws:PrincipalAccount" = grant.accounts_as_condition ? grant.account_ids : []
        }
        # Every path ends in a slash, so the star stands for the unit itself and all below it.
        "ForAnyValue:StringLike" = {
          "aws:PrincipalOrgPaths" = [for path in grant.organization_paths : "${path}*"]
        }
      } : operator => { for key, values in tests : key => values if length(values) > 0 }
      if length(flatten(values(tests))) > 0
    }
  }

  statements = [
    for sid, grant in var.grants : merge(
      {
        Sid       = sid
        Effect    = "Allow"
        Principal = { AWS = grant.accounts_as_condition || length(grant.account_ids) == 0 ? ["*"] : grant.account_ids }
        Action    = local.actions[grant.level]
        Resource = concat(
          [for prefix in grant.prefixes : prefix == "ROOT" ? "${local.repositories}/*" : "${local.repositories}/${prefix}/*"],
          [for repository in grant.repositories : "${local.repositories}/${repository}"],
        )
      },
      length(local.conditions[sid]) == 0 ? {} : { Condition = local.conditions[sid] },
    )
  ]

  policy = jsonencode({ Version = "2012-10-17", Statement = concat(var.kept_statements, local.statements) })
}

# Scope V2 lets the registry policy grant reading and applies it to every ECR request.
resource "aws_ecr_account_setting" "registry_policy_scope" {
  region = var.region
  name   = "REGISTRY_POLICY_SCOPE"
  value  = "V2"
}

resource "aws_ecr_registry_policy" "this" {
  region = var.region
  policy = local.policy

  depends_on = [aws_ecr_account_setting.registry_policy_scope]

  lifecycle {
    precondition {
      condition     = length(local.policy) <= 10240
      error_message = "ECR takes at most 10,240 characters for a registry policy; this one has ${length(local.policy)}."
    }
  }
}
