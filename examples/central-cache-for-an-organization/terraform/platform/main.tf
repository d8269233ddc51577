# Written by `forebay generate`: change the topology, not this file.

module "credentials_eu_west_1" {
  source = "../modules/upstream-credential"

  region          = "eu-west-1"
  settle_duration = "15s"
  credentials = {
    "ecr-pullthroughcache/docker-hub" = {
      recovery_window_in_days = 30
    }
  }
}

module "cache_eu_west_1" {
  source = "../modules/pull-through-cache"

  region          = "eu-west-1"
  credential_arns = module.credentials_eu_west_1.arns
  rules = {
    docker-hub = {
      upstream_registry_url  = "registry-1.docker.io"
      credential_secret_name = "ecr-pullthroughcache/docker-hub"
    }
    ecr-public = {
      upstream_registry_url = "public.ecr.aws"
    }
    quay = {
      upstream_registry_url = "quay.io"
    }
  }
}
