"""Rows held against objects: what each has that the other lacks, and where they differ."""
