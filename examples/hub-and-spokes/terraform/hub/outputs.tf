# Written by `forebay generate`: change the topology, not this file.

output "caches" {
  description = "What is cached here, by region and repository prefix."
  value = {
    eu-west-1 = {
      quay = {
        upstream_host   = "quay.io"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/quay"
      }
    }
  }
}
