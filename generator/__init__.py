"""forebay: ECR pull-through caches across accounts, from one topology file."""
