"""The harness's own eyes on object stores, past the gateway: what lies there, whatever a target says."""
