"""The smallest media backend that keeps every promise of the contract."""
