"""The gateway: our reverse proxy between the target and the object store. It records every storage call and injects faults."""
