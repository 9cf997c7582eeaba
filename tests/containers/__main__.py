"""`python -m tests.containers`: emulators in real containers, also on a machine that has no engine and cannot get an image.

Podman is installed where it is not there, and an image of Azurite is made on the spot. With `--verdict DIR`, the lane
azure-emulator judges the reference there too, and writes to DIR what `medialane compare` holds against a run in processes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from tests.containers.engine import Engine, engine
from tests.containers.image import TAG, make_image

_HERE = Path(__file__).resolve().parent


def main() -> int:
    """Answers 0 where everything held."""
    parser = argparse.ArgumentParser(prog="python -m tests.containers", description="Emulators in real containers.")
    parser.add_argument(
        "--verdict", metavar="DIR", type=Path, help="judge the reference in a lane too, and write to this folder"
    )
    wish = parser.parse_args()
    with engine() as made:
        began = time.perf_counter()
        make_image(made)
        print(f"an image of Azurite was made in {time.perf_counter() - began:.0f} s")
        environment = os.environ | made.environment | {"MEDIALANE_AZURITE_IMAGE": TAG}
        code = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "--durations=5", str(_HERE)], env=environment, check=False
        ).returncode
        if wish.verdict and code == 0:
            code = judged(wish.verdict, environment)
        return code or left_over(made)


def judged(output: Path, environment: dict[str, str]) -> int:
    """A run of the lane whose Azurite is a container, and whose verdict says so. Answers its exit code."""
    command = [sys.executable, "-c", "from lanes.cli import main; main()", "run", "azure-emulator", "--emulators", "auto"]
    code = subprocess.run([*command, "--accept-partial", "--output", str(output)], env=environment, check=False).returncode
    there = json.loads((output / "verdict.json").read_text(encoding="utf-8"))["stack"] if code == 0 else []
    if not any("Azurite" in each and f"container of {TAG}" in each for each in there):
        print(f"Azurite was to be a container, and the verdict's stack is {there}")
        return code or 1
    return code


def left_over(made: Engine) -> int:
    """Answers 1, and says which, where a container is left."""
    left = made.run("ps", "--all", "--format", "{{.Names}}: {{.Command}}")
    print(f"left over: {left}" if left else "no container is left")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
