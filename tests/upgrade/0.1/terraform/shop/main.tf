# Written by `forebay generate`: change the topology, not this file.

module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"

  region = "eu-west-1"
  rules = {
    base = {
      upstream_registry_url      = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
      upstream_repository_prefix = "team"
      custom_role_arn            = module.upstream_access.role_arns["forebay-upstream"]
    }
  }
  creation_templates = {
    base = {
      repository_tags = {
        managed-by = "forebay"
      }
      keep_images     = 20
      custom_role_arn = module.template_role.role_arns["forebay-template"]
    }
  }
}
