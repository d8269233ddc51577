locals {
  actions = {
    cached     = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    pull       = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:GetDownloadUrlForLayer"]
    first-pull = ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage", "ecr:CreateRepository", "ecr:GetDownloadUrlForLayer"]
  }

  documents = {
    for name, policy in var.policies : name => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [
          {
            Effect   = "Allow"
            Action   = ["ecr:GetAuthorizationToken"]
            Resource = ["*"]
          },
        ],
        [
          for grant in policy.grants : {
            Effect = "Allow"
            Action = local.actions[grant.level]
            Resource = [
              for repositories in concat([for prefix in grant.prefixes : prefix == "ROOT" ? "*" : "${prefix}/*"], grant.repositories) :
              "arn:${var.partition}:ecr:${grant.region}:${grant.account_id}:repository/${repositories}"
            ]
          }
        ],
      )
    })
  }

  attachments = merge([
    for name, policy in var.policies : {
      for role in policy.roles : "${name}:${role}" => { policy = name, role = role }
    }
  ]...)
}

resource "aws_iam_policy" "this" {
  #checkov:skip=CKV_AWS_355: ecr:GetAuthorizationToken has no resource type (Service Authorization Reference)
  for_each = local.documents

  name        = each.key
  path        = var.path
  description = "Pulls images through ECR pull-through caches."
  policy      = each.value

  lifecycle {
    # IAM replaces a policy for another description, which would take it from everybody who has it.
    ignore_changes = [description]

    precondition {
      condition     = length(each.value) <= 6144
      error_message = "IAM takes at most 6,144 characters for a managed policy; this one has ${length(each.value)}."
    }
  }
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = local.attachments

  role       = each.value.role
  policy_arn = var.account_id == null ? aws_iam_policy.this[each.value.policy].arn : "arn:${var.partition}:iam::${var.account_id}:policy${var.path}${aws_iam_policy.this[each.value.policy].name}"
}
