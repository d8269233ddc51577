output "role_arns" {
  description = "The roles' ARNs by name, known once each role has its policy."
  value       = { for name, policy in aws_iam_role_policy.this : name => aws_iam_role.this[name].arn }
}
