"""Rules about what policies grant, against what the topology declares."""
