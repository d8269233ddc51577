"""Rules about the topology: mistakes that only show once everything is resolved."""
