output "arns" {
  description = "The secrets' ARNs by name, known once each secret has a version and has settled."
  value       = { for name, settle in time_sleep.settle : name => settle.triggers["arn"] }
}
