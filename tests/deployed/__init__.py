"""Runs against one deployment that stays: killed and swept, two at once, refused. `pytest tests/deployed [--kills 10]`."""
