# Written by `forebay generate`: change the topology, not this file.

output "caches" {
  description = "What is cached here, by region and repository prefix."
  value = {
    eu-west-1 = {
      docker-hub = {
        upstream_host   = "registry-1.docker.io"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/docker-hub"
      }
      ecr-public = {
        upstream_host   = "public.ecr.aws"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/ecr-public"
      }
      quay = {
        upstream_host   = "quay.io"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay"
      }
    }
  }
}
