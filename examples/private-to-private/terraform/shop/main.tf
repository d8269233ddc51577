# Written by `forebay generate`: change the topology, not this file.

module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"

  region           = "eu-west-1"
  custom_role_arns = module.upstream_access.role_arns
  rules = {
    platform = {
      upstream_registry_url      = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
      upstream_repository_prefix = "base-images"
      custom_role_name           = "forebay-upstream"
    }
  }
}
