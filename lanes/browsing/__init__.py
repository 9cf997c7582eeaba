"""A browser's view of a target: pages as they are looked at, drafts as they are made, and what goes out meanwhile."""
