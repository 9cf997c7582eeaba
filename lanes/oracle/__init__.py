"""Independent judgements of bytes and pixels. Nothing here asks the engine that it judges."""
