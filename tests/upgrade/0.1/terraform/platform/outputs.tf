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
      github = {
        upstream_host   = "ghcr.io"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/github"
      }
      "team/quay" = {
        upstream_host   = "quay.io"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/quay"
      }
    }
    us-east-1 = {
      "team/quay" = {
        upstream_host   = "quay.io"
        upstream_prefix = "ROOT"
        url             = "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/quay"
      }
    }
  }
}

output "puller_policy_arns" {
  description = "The policies of those who pull, by name: attach them to their roles."
  value       = module.pullers.policy_arns
}

output "puller_policy_documents" {
  description = "The same policies as JSON, by name, for code that writes its own."
  value       = module.pullers.policy_documents
}
