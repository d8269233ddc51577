output "policy" {
  description = "The registry policy as JSON."
  value       = local.policy
}
