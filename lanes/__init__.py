"""Where and how an implementation of the media contract is judged."""
