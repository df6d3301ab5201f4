#!/usr/bin/env python3
"""usage: claim.py POOL COMMAND...

Claims a container of a WarmPool, runs COMMAND while it is held, and gives it back. Standard library only.

COMMAND finds CLAIM_ID, CLAIM_CONTAINER (its id) and CLAIM_ADDRESS in its environment. The claim is renewed three times in
each ttl; when its container is lost, COMMAND is told by SIGTERM.

    RECONCILE_SOCKET  the daemon's socket, /var/lib/reconcile/reconcile.sock unless set
    RECONCILE_URL     the daemon's address instead, such as https://host-1:9480
    RECONCILE_TOKEN   with it, a token of role user
"""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
import uuid

TTL = 60


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path, timeout):
        super().__init__("reconcile", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Refused(Exception):
    """The daemon's own words, and when it is worth asking again."""

    def __init__(self, status, message, retry_after):
        super().__init__(f"{status}: {message}")
        self.retry_after = retry_after


class Daemon:
    """The part of the daemon's API that a holder of claims needs."""

    def __init__(self):
        self.url = urllib.parse.urlsplit(os.environ.get("RECONCILE_URL", ""))
        self.socket = os.environ.get("RECONCILE_SOCKET", "/var/lib/reconcile/reconcile.sock")
        self.headers = {"Content-Type": "application/json"}
        if self.url.hostname:
            self.headers["Authorization"] = "Bearer " + os.environ["RECONCILE_TOKEN"]

    def connect(self, timeout):
        if not self.url.hostname:
            return UnixConnection(self.socket, timeout)
        kind = http.client.HTTPSConnection if self.url.scheme == "https" else http.client.HTTPConnection
        return kind(self.url.hostname, self.url.port, timeout=timeout)

    def ask(self, method, path, body=None, timeout=30, headers=None):
        connection = self.connect(timeout)
        try:
            connection.request(method, path, json.dumps(body or {}), {**self.headers, **(headers or {})})
            answer = connection.getresponse()
            document = json.load(answer)
            if answer.status >= 300:
                raise Refused(answer.status, document["message"], float(answer.headers.get("Retry-After", 0)))
            return document
        finally:
            connection.close()

    def claim(self, pool, request, patience=600):
        """Sent again with the same key when an answer was lost or no member was ready: it is never carried out twice."""
        path, key = f"/v1/pools/{urllib.parse.quote(pool)}/claims", str(uuid.uuid4())
        end = time.monotonic() + patience
        while True:
            try:
                return self.ask("POST", path, request, timeout=patience, headers={"Idempotency-Key": key})
            except (Refused, OSError) as error:
                pause = error.retry_after if isinstance(error, Refused) else 1
                if not pause or time.monotonic() + pause > end:
                    raise
                time.sleep(pause)

    def renew(self, claim_id):
        return self.ask("POST", f"/v1/claims/{claim_id}/renew")

    def release(self, claim_id):
        return self.ask("DELETE", f"/v1/claims/{claim_id}")

    def watch(self, claim_id):
        """The claim as it is and after each change, until it is over. There is a sign of life every 15 seconds."""
        connection = self.connect(timeout=60)
        try:
            connection.request("GET", f"/v1/claims/{claim_id}/events", headers=self.headers)
            for line in connection.getresponse():
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))
        finally:
            connection.close()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__.splitlines()[0])
    daemon, pool, words = Daemon(), sys.argv[1], sys.argv[2:]
    # So that what was claimed is given back.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    # 1. Claim.
    claim = daemon.claim(
        pool,
        {
            "holder": f"example {os.getpid()}",
            "ttl": f"{TTL}s",
            "wait": "10s",
            "labels": {"tenant_id": "example"},
            "files": {"task.txt": "count to three"},
        },
    )
    name = claim["id"]
    print(f"claimed {name}: {claim['container']['name']}, {claim['source']} in {claim['durationMs']} ms", file=sys.stderr)
    ended = threading.Event()
    try:
        # 2. Use.
        facts = {
            "CLAIM_ID": name,
            "CLAIM_CONTAINER": claim["container"]["id"],
            "CLAIM_ADDRESS": claim.get("address", ""),
        }
        command = subprocess.Popen(words, env={**os.environ, **facts})

        # 3. Renew, well before it ends.
        def renew():
            while not ended.wait(TTL / 3):
                daemon.renew(name)

        # 4. Watch: a message for each change, of which the first is how it is now.
        def watch():
            for change in daemon.watch(name):
                if change["phase"] != "bound" and not ended.is_set():
                    print(f"{name} is {change['phase']}: {change.get('reason')}", file=sys.stderr)
                    command.terminate()

        for work in (renew, watch):
            threading.Thread(target=work, daemon=True).start()
        return command.wait()
    finally:
        # 5. Release, however this ends.
        ended.set()
        daemon.release(name)
        print(f"released {name}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
