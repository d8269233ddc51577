output "rules" {
  description = "The cache rules by repository prefix: upstream and registry (account) id."
  value = {
    for prefix, rule in aws_ecr_pull_through_cache_rule.this : prefix => {
      upstream_registry_url      = rule.upstream_registry_url
      upstream_repository_prefix = rule.upstream_repository_prefix
      registry_id                = rule.registry_id
    }
  }
}

output "creation_templates" {
  description = "The prefixes of the creation templates."
  value       = keys(aws_ecr_repository_creation_template.this)
}
