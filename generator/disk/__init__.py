"""What touches the disk: no link leads a read or a write out of the project."""
