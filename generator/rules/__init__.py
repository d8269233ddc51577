"""The rules, one file a rule. Each family has its list, so that a command loads what it runs."""
