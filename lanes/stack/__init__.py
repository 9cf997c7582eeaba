"""What a lane starts for a run. Everything is a context manager, and the watchdog ends what the run itself could not."""
