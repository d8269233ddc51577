output "policy_arns" {
  description = "The policies' ARNs by name."
  value       = { for name, policy in aws_iam_policy.this : name => policy.arn }
}

output "policy_documents" {
  description = "The policies as JSON by name, for those who write their own."
  value       = local.documents
}
