"""The redaction proof: secrets planted all over a target that fails everywhere, looked for in all that a run leaves."""
