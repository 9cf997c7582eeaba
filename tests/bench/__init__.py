"""Measurements. They compare within one run, and are never timed tests."""
