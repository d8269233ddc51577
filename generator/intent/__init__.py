"""What a topology asks for."""
