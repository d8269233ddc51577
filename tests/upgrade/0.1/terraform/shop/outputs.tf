# Written by `forebay generate`: change the topology, not this file.

output "caches" {
  description = "What is cached here, by region and repository prefix."
  value = {
    eu-west-1 = {
      base = {
        upstream_host   = "111122223333.dkr.ecr.eu-west-1.amazonaws.com"
        upstream_prefix = "team"
        url             = "222233334444.dkr.ecr.eu-west-1.amazonaws.com/base"
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
