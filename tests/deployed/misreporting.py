"""`python -m tests.deployed.misreporting FILE serve`: the reference, reporting the runtime that a file says, if it is there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from reference_impl import __main__ as command
from reference_impl import views


def main(file: Path, arguments: list[str]) -> int:
    """The reference's own command."""
    honest = views.runtime

    def runtime(*given: Any) -> dict[str, Any]:
        return {**honest(*given), **(json.loads(file.read_text(encoding="utf-8")) if file.exists() else {})}

    vars(views)["runtime"] = runtime
    return command.main(arguments)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
