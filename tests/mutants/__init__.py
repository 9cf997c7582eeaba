"""The reference implementation with one rule broken, again and again, to prove that the suite notices."""
