# Written by `forebay generate`: change the topology, not this file.

module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"

  region = "eu-west-1"
  rules = {
    docker-hub = {
      upstream_registry_url  = "registry-1.docker.io"
      credential_secret_name = "ecr-pullthroughcache/docker-hub"
    }
    ecr-public = {
      upstream_registry_url = "public.ecr.aws"
    }
  }
}
