locals {
  lifecycle_selections = {
    for prefix, template in var.creation_templates : prefix => template.expire_after_days != null ? {
      tagStatus   = "any"
      countType   = "sinceImagePushed"
      countUnit   = "days"
      countNumber = template.expire_after_days
      } : {
      tagStatus   = "any"
      countType   = "imageCountMoreThan"
      countUnit   = null
      countNumber = template.keep_images
    }
  }

  lifecycle_policies = {
    for prefix, template in var.creation_templates : prefix => (
      template.expire_after_days == null && template.keep_images == null ? template.lifecycle_policy : jsonencode({
        rules = [
          {
            rulePriority = 1
            selection    = { for name, value in local.lifecycle_selections[prefix] : name => value if value != null }
            action       = { type = "expire" }
          },
        ]
      })
    )
  }
}

resource "aws_ecr_repository_creation_template" "this" {
  for_each = var.creation_templates

  region               = var.region
  prefix               = each.key
  description          = each.value.description
  applied_for          = each.value.applied_for
  image_tag_mutability = each.value.image_tag_mutability
  resource_tags        = each.value.repository_tags
  lifecycle_policy     = local.lifecycle_policies[each.key]
  repository_policy    = each.value.repository_policy
  custom_role_arn      = each.value.custom_role_arn

  encryption_configuration {
    encryption_type = each.value.encryption_type
    kms_key         = each.value.kms_key_arn
  }
}
