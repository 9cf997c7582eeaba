"""What a lane needs beside its target: object stores and a database, each pinned, each in an environment of its own."""
