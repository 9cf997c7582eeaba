"""What an upload costs the server, beside the image pipeline alone."""

from __future__ import annotations

import contextlib
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
from PIL import Image

from lanes import profile, target
from lanes.client import Client, Upload
from lanes.contract import contract
from lanes.places import FIXTURES
from lanes.redact import Redactor
from lanes.stack.slot import Stack
from lanes.stack.watchdog import Watchdog
from tests.bench.figure import Figure

_MEBIBYTE = 1024 * 1024
_PIPELINE = """
import sys, time
from pathlib import Path
from reference_impl.ingest import ingest
from reference_impl.policy import MediaPolicy
data, policy = Path(sys.argv[1]).read_bytes(), MediaPolicy()
ingest(data, "image/jpeg", policy)
for _ in range(int(sys.argv[2])):
    began = time.process_time()
    ingest(data, "image/jpeg", policy)
    print(time.process_time() - began)
"""


def cpu_ratio(rounds: int) -> Figure:
    """Mean CPU time of the server for uploading a 12 MP JPEG, over that of the pipeline alone on the same bytes."""
    data = _photograph(4000, 3000)
    with _serving() as (server, send):
        send(data)
        before = _cpu(server)
        for _ in range(rounds):
            send(data)
        time.sleep(0.1)  # what the server does after it has answered is its cost too
        served = (_cpu(server) - before) / rounds
    alone = statistics.mean(_alone(data, rounds))
    ratio = served / alone
    of = f"{served * 1000:.0f} ms against {alone * 1000:.0f} ms of CPU, {len(data) / _MEBIBYTE:.1f} MiB"
    return Figure("12 MP JPEG upload over the pipeline alone (CPU)", ratio, "at most 1.2", ratio <= 1.2, of)


def peak_memory() -> Figure:
    """Peak resident memory of the server, in MB, while it takes two baseline JPEGs of 50 megapixels at once."""
    data = _photograph(8160, 6120)
    with _serving() as (server, send):
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda _: send(data), range(2)))
        peak = _peak(server) / 1e6
    of = f"two of {8160 * 6120 / 1e6:.1f} MP, {len(data) / _MEBIBYTE:.1f} MiB each"
    return Figure("peak RSS for two 50 MP JPEGs at once (MB)", peak, "under 400", peak < 400, of)


@contextlib.contextmanager
def _serving() -> Iterator[tuple[psutil.Process, Callable[[bytes], None]]]:
    """The reference in the mocked lane: its process, and a function that uploads a JPEG to it."""
    with tempfile.TemporaryDirectory(prefix="medialane-bench-") as output, Watchdog() as watchdog:
        lane = profile.load("mocked")
        with Stack(0, lane, target.load("reference"), Path(output), Redactor(), watchdog) as stack:
            client = Client(stack.place.base_url, stack.place.credentials, contract())
            artist = client.call("createArtist", json={"name": "Bench"}).json["artist"]["ID"]

            def send(data: bytes) -> None:
                upload = Upload(data, "image/jpeg", "photo.jpg")
                answer = client.call("uploadArtistMedia", artist, form={"purpose": "gallery"}, files=(upload,))
                if answer.status != 201:
                    raise RuntimeError(f"{answer}, should be 201")

            try:
                yield _serving_process(), send
            finally:
                client.close()


def _serving_process() -> psutil.Process:
    children = psutil.Process().children()
    return next(child for child in children if "reference_impl" in child.cmdline())


def _photograph(width: int, height: int) -> bytes:
    """A photograph, enlarged and with the grain of a sensor: without it, an enlargement compresses like no photograph."""
    photo = Image.open(FIXTURES / "photos" / "hubble.jpg").convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    grain = Image.effect_noise((width, height), 12).convert("RGB")
    out = io.BytesIO()
    Image.blend(photo, grain, 0.15).save(out, "JPEG", quality=88, subsampling=2)
    return out.getvalue()


def _alone(data: bytes, rounds: int) -> list[float]:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(data)
        file.flush()
        run = [sys.executable, "-c", _PIPELINE, file.name, str(rounds)]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _peak(process: psutil.Process) -> int:
    """The high-water mark of resident memory in bytes, as the kernel keeps it (proc(5), VmHWM)."""
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))
