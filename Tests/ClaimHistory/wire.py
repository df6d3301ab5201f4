"""HTTP over Unix sockets: what clients say to the daemon, and what onlookers ask the engine."""

import http.client
import json
import socket
import urllib.parse


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("localhost", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def request(path, method, url, body=None, headers=None, timeout=150):
    """Status and body; 0 when the connection is refused or breaks."""
    connection = UnixConnection(path, timeout)
    try:
        connection.request(method, url, body, headers or {})
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()


# Told apart from a number, and from a page without the metric.
NO_ANSWER = object()


def metric(name, page):
    """The sum over its labels on a page of metrics; None where it is not there."""
    values = [float(line.rsplit(" ", 1)[1]) for line in page.splitlines() if line.partition("{")[0].split(" ")[0] == name]
    return sum(values) if values else None


class Daemon:
    def __init__(self, path):
        self.path = path

    def send(self, method, url, body=None, key=None):
        headers = {"Content-Type": "application/json"}
        if key:
            headers["Idempotency-Key"] = key
        status, text = request(self.path, method, url, body and json.dumps(body), headers)
        try:
            return status, json.loads(text) if text else None
        except ValueError:
            return 0, None

    def claim(self, pool, body, key):
        return self.send("POST", f"/v1/pools/{pool}/claims", body, key)

    def look(self, claim):
        status, found = self.send("GET", f"/v1/claims/{claim}")
        return found if status == 200 else None

    def renew(self, claim):
        return self.send("POST", f"/v1/claims/{claim}/renew")[0]

    def release(self, claim):
        return self.send("DELETE", f"/v1/claims/{claim}")[0]

    def pool(self, name):
        status, found = self.send("GET", f"/v1/pools/{name}")
        return found if status == 200 else None

    def all_claims(self, phase=None):
        """By id; of all phases, or of one."""
        claims, after = {}, None
        while True:
            query = {"limit": 1000, **({"phase": phase} if phase else {}), **({"after": after} if after else {})}
            status, found = self.send("GET", "/v1/claims?" + urllib.parse.urlencode(query))
            if status != 200:
                return claims
            claims.update({claim["id"]: claim for claim in found["items"]})
            after = found.get("next")
            if not after:
                return claims

    def metric(self, name):
        """The sum over its labels; None where there is no such metric, and NO_ANSWER where nobody answers."""
        status, text = request(self.path, "GET", "/metrics")
        return metric(name, text.decode()) if status == 200 else NO_ANSWER


LABEL = "dev.reconcile.owner=proof"


class Docker:
    def __init__(self, path):
        self.path = path

    def containers(self):
        """State by id; None while the engine does not answer."""
        query = urllib.parse.urlencode({"all": 1, "filters": json.dumps({"label": [LABEL]})})
        status, text = request(self.path, "GET", f"/containers/json?{query}", timeout=10)
        return {found["Id"]: found["State"] for found in json.loads(text)} if status == 200 else None

    def kill(self, container):
        request(self.path, "POST", f"/containers/{container}/kill", timeout=20)

    def events(self):
        """Ends of containers, until the engine is gone."""
        filters = json.dumps({"label": [LABEL], "event": ["die", "destroy"]})
        connection = UnixConnection(self.path, None)
        try:
            connection.request("GET", "/events?" + urllib.parse.urlencode({"filters": filters}))
            for line in connection.getresponse():
                event = json.loads(line)
                yield event["Action"], event["Actor"]["ID"]
        except (OSError, ValueError, http.client.HTTPException):
            return
        finally:
            connection.close()
