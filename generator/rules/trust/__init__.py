"""Rules about who may assume a role, which need no topology."""
