"""Run real Terraform in tests: `runner` runs it, `fixtures` offers it with the stand-in and a local AWS."""
