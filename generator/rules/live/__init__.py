"""Rules that only a reading of AWS can decide: what secrets hold, and what repositories have become."""
