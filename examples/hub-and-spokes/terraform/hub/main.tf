# Written by `forebay generate`: change the topology, not this file.

module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"

  region = "eu-west-1"
  rules = {
    quay = {
      upstream_registry_url = "quay.io"
    }
  }
}
