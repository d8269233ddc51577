"""Rules about repository creation templates, which need no topology."""
