"""A Chromium of the run's own, which talks to the target and to nobody else."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import secrets
import shutil
import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lanes.errors import StackError, TargetSilent
from lanes.stack.folders import folder
from lanes.stack.watchdog import Watchdog

if TYPE_CHECKING:
    from playwright.sync_api import Browser as Chromium
    from playwright.sync_api import BrowserContext, Playwright

GIVEN = "MEDIALANE_CHROMIUM"  # the environment variable that names one
REMEDY = f"playwright install chromium, or apt-get install chromium-headless-shell; {GIVEN} names one that lies elsewhere"
# Without a desktop around it the browser takes half the time. Debian's own script around it adds options, and prints errors
# where there is no desktop.
_KNOWN = (
    "/usr/lib/chromium/chromium-headless-shell",
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_COMMANDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
_PATIENCES = 6  # times what one thing may take, that all of a visit may
_NOBODY = "http://127.0.0.1:9"  # a proxy that is not there (RFC 863's port), for whatever is not on the list
_QUIET = (
    *("--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic"),
    # What no page can be seen to send from is not there.
    *("--disable-gpu", "--disable-smooth-scrolling", "--disable-shared-workers"),
)


@dataclass(frozen=True, slots=True)
class Screen:
    """What somebody looks at pages on: a viewport in CSS pixels, and whether it is touched."""

    name: str
    width: int
    height: int
    touch: bool = False
    density: float = 1  # device pixels to a CSS pixel: of several pictures, a page may load another one


PHONE = Screen("phone", 390, 844, touch=True, density=2)
DESKTOP = Screen("desktop", 1280, 800)
SCREENS = {screen.name: screen for screen in (PHONE, DESKTOP)}


class Browser:
    """Use it as a context manager. It reaches these hosts, with a port where it is not the scheme's, and no others.

    It is used on the thread that has entered it, but for `kill`.

    `authority` is a file with the certificate that those of the hosts are held against, where the system does not know it.
    Raises StackError where there is no Chromium, or it does not start.
    """

    def __init__(
        self, origins: Iterable[str], watchdog: Watchdog, authority: str | None = None, extra: Iterable[str] = ()
    ) -> None:
        self.described = ""
        self._origins = tuple(dict.fromkeys(origins))
        self._watchdog = watchdog
        self._authority = authority
        self._extra = tuple(extra)
        self._exit = contextlib.ExitStack()
        self._launch: Callable[[], contextlib.AbstractContextManager[Chromium]]
        self._chromium: Chromium
        self._process = 0  # the ID of Chromium's
        self._visits = 0  # odd while somebody looks
        self._lock = threading.Lock()
        self._overdue = 0.0  # seconds after which Chromium was ended, for a page had kept it busy as long
        self._place: Path

    def __enter__(self) -> Browser:
        with contextlib.ExitStack() as undo:
            place = self._place = undo.enter_context(folder(self._watchdog))
            playwright = undo.enter_context(_driver(place))
            program = executable(playwright.chromium.executable_path)
            self._launch = partial(self._launched, playwright, program, place)
            self._exit = undo
            self._begin()
            self.described = f"Chromium {self._chromium.version} ({program})"
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    def kill(self) -> None:
        """Ends Chromium at once, so that whoever waits for it on its thread goes on. From any thread."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process, signal.SIGKILL)

    def check(self) -> None:
        """Raises TargetSilent where a page kept it busy without end, and StackError where it has ended by itself."""
        from playwright.sync_api import Error

        if self._overdue:
            raise TargetSilent(f"a page kept the browser busy: it was not through with it after {self._overdue:g} s")
        try:
            self._ask()
        except Error as error:
            raise StackError(f"the browser has ended: {_shortened(str(error))}") from None

    @contextlib.contextmanager
    def looking(self, screen: Screen, patience: float, most: float | None = None) -> Iterator[BrowserContext]:
        """Somebody who has never been here, at such a screen; what takes longer than `patience` seconds has failed.

        All of it may take some times that, or `most` seconds. Raises as `check` does where the browser is no longer there for
        it.
        """
        from playwright.sync_api import Error

        try:
            self._ask()
        except Error:
            self._begin()
        limit = patience * _PATIENCES if most is None else min(most, patience * _PATIENCES)
        with self._lock:
            self._visits += 1
            self._overdue = 0.0
            timer = threading.Timer(limit, self._give_up, [self._visits, limit])
        timer.start()
        try:
            context = self._chromium.new_context(
                viewport={"width": screen.width, "height": screen.height},
                is_mobile=screen.touch,
                has_touch=screen.touch,
                device_scale_factor=screen.density,
                locale="en-GB",
                reduced_motion="reduce",
                service_workers="block",
            )
            context.set_default_timeout(patience * 1000)
            context.tracing.start(snapshots=True)
            try:
                yield context
            finally:
                context.close()
        except Exception:
            self.check()
            raise
        finally:
            timer.cancel()
            with self._lock:
                self._visits += 1

    def _give_up(self, visit: int, limit: float) -> None:
        with self._lock:
            if visit == self._visits:  # it is not over meanwhile
                self._overdue = limit
                self.kill()

    def _ask(self) -> None:
        """Raises playwright's Error where nobody is there: of itself it may not have noticed yet."""
        self._chromium.new_browser_cdp_session().detach()

    def trace(self, context: BrowserContext) -> bytes:
        """Everything that was done and seen so far, as a file for `playwright show-trace`. Headers and bodies are in it."""
        file = self._place / f"{secrets.token_hex(4)}.zip"
        context.tracing.stop(path=file)
        try:
            return file.read_bytes()
        finally:
            file.unlink()

    def _begin(self) -> None:
        self._process = 0
        self._chromium = self._exit.enter_context(self._launch())
        session = self._chromium.new_browser_cdp_session()
        told = session.send("SystemInfo.getProcessInfo")["processInfo"]
        self._process = next(each["id"] for each in told if each["type"] == "browser")
        session.detach()

    @contextlib.contextmanager
    def _launched(self, playwright: Playwright, program: str, place: Path) -> Iterator[Chromium]:
        from playwright.sync_api import Error

        hosts = [urlsplit(origin).netloc for origin in self._origins]
        names = sorted({host.rpartition(":")[0] or host for host in hosts})
        rules = " , ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {name}" for name in names)])
        # Not Playwright's own option, by which all of this machine is either reached or not. The last rule that fits counts.
        proxy = (f"--proxy-server={_NOBODY}", f"--proxy-bypass-list={';'.join(['<-loopback>', *hosts])}")
        pins = sorted(set(self._pins()))
        trust = [f"--ignore-certificate-errors-spki-list={','.join(pins)}"] if pins else []
        try:
            browser = playwright.chromium.launch(
                executable_path=program,
                args=[*_QUIET, f"--host-resolver-rules={rules}", *proxy, *trust, *self._extra],
                env={**os.environ, "TMPDIR": str(place), "HOME": str(place)},
                # Signals are the run's affair; without it the browser ends, for it hangs on a pipe.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as error:
            raise StackError(f"{program} does not start: {_shortened(str(error))}; {REMEDY}") from None
        try:
            yield browser
        finally:
            with contextlib.suppress(Error):
                browser.close()

    def _pins(self) -> Iterator[str]:
        """The public keys of the certificates that hosts show and the authority vouches for: Chromium has no file for that.

        As their base64 SHA-256, as in RFC 7469, section 2.4. A host that cannot be trusted has none, and Chromium says so.
        """
        if self._authority is None:
            return
        from cryptography import x509
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        trust = ssl.create_default_context(cafile=self._authority)
        for origin in self._origins:
            parts = urlsplit(origin)
            if parts.scheme != "https" or parts.hostname is None:
                continue
            with (
                contextlib.suppress(OSError),
                socket.create_connection((parts.hostname, parts.port or 443), timeout=5) as plain,
                trust.wrap_socket(plain, server_hostname=parts.hostname) as secured,
            ):
                shown = secured.getpeercert(binary_form=True) or b""
                key = x509.load_der_x509_certificate(shown).public_key()
                encoded = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
                yield base64.b64encode(hashlib.sha256(encoded).digest()).decode()


def executable(playwrights_own: str = "") -> str:
    """The Chromium that is there: the one named, Playwright's own, the system's, or Chrome. Raises StackError without one."""
    if given := os.environ.get(GIVEN):
        if not Path(given).is_file():
            raise StackError(f"{GIVEN} is {given!r}, and there is no such file")
        return given
    found = [path for path in (playwrights_own, *_KNOWN) if path and Path(path).is_file()]
    found += filter(None, map(shutil.which, _COMMANDS))
    if not found:
        raise StackError(f"there is no Chromium; to get it: {REMEDY}")
    return found[0]


@contextlib.contextmanager
def _driver(place: Path) -> Iterator[Playwright]:
    """Playwright's driver, with its temporary files in a folder that is removed with the run."""
    from playwright.sync_api import Error, sync_playwright

    former = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(place)
    try:
        playwright = sync_playwright().start()
    except (Error, OSError) as error:
        raise StackError(f"the driver of the browser does not start: {error}; pip install playwright") from None
    finally:
        if former is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = former
    try:
        yield playwright
    finally:
        playwright.stop()


def _shortened(message: str) -> str:
    return " ".join(message.split())[:300]
