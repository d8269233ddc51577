"""What every reader and judge shares about records."""
