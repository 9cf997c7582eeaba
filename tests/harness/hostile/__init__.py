"""Targets that do everything wrong on purpose, and what a run makes of them."""
