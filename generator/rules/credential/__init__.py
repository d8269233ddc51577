"""Rules about the secrets of upstream registries, which need no topology."""
