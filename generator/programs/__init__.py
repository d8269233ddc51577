"""Other programs: checkov and git."""
