# Written by `forebay generate`: change the topology, not this file.

output "puller_policy_arns" {
  description = "The policies of those who pull, by name: attach them to their roles."
  value       = module.pullers.policy_arns
}

output "puller_policy_documents" {
  description = "The same policies as JSON, by name, for code that writes its own."
  value       = module.pullers.policy_documents
}
