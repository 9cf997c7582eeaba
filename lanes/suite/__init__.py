"""What pytest collects in a lane."""
