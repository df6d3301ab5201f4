#!/usr/bin/env python3
"""Many clients claim while the daemon and the engine are killed; see scripts/claims. Standard library only, needs root."""

import argparse
import datetime
import json
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid

import history
import logfile
import wire

ROOT = pathlib.Path(__file__).resolve().parents[2]
ENGINE = str(ROOT / "scripts/engine")
POOL = "proof"
SIZE, MOST = 16, 48
# Seconds for which a client goes on to ask.
PATIENCE = 120
SPECS = f"""\
apiVersion: reconcile.dev/v1
kind: HostPool
metadata: {{name: here}}
spec: {{hosts: {{name: bed}}}}
---
apiVersion: reconcile.dev/v1
kind: WarmPool
metadata: {{name: {POOL}}}
spec:
  hostPool: here
  size: {SIZE}
  maxMembers: {MOST}
  claim: {{ttl: 20s, onLost: replace}}
  template:
    image: busybox:local
    pullPolicy: Never
    command: [sleep, "1000000"]
    stopTimeout: 0s
"""


class History:
    """Everything that happened, by one clock."""

    def __init__(self, path):
        self.events = []
        self.lock = threading.Lock()
        self.file = open(path, "w", encoding="utf-8") if path else None

    def add(self, what, at=None, **more):
        event = {"at": time.monotonic() if at is None else at, "what": what, **more}
        with self.lock:
            self.events.append(event)
            if self.file:
                self.file.write(json.dumps(event) + "\n")


class Bed:
    """An engine of its own and a daemon on it, both of which somebody kills."""

    def __init__(self, options, program, log):
        self.folder = tempfile.mkdtemp(prefix="rc-", dir=os.environ.get("RECONCILE_ENGINE") or None)
        self.claims = tempfile.mkdtemp(prefix="reconcile-claims-", dir="/dev/shm")
        self.engine_folder = self.folder + "/e"
        self.socket = self.folder + "/state/reconcile.sock"
        self.docker = wire.Docker(self.engine_folder + "/docker.sock")
        self.options = options
        self.program = os.path.abspath(program)
        self.log = open(log, "ab")
        self.daemon = None
        self.is_over = False
        # Ends that nobody asked for.
        self.failures = 0

    def __enter__(self):
        self.control("start", *self.options)
        repository = self.folder + "/specs"
        self.git("init", "--quiet", "--initial-branch=main", repository)
        pathlib.Path(repository + "/pool.yaml").write_text(SPECS, encoding="utf-8")
        self.git("-C", repository, "add", ".")
        self.git("-C", repository, "commit", "--quiet", "--message=A pool")
        threading.Thread(target=self.keep_daemon, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.is_over = True
        if self.daemon:
            self.daemon.kill()
        self.control("remove")
        subprocess.run(["rm", "-rf", self.folder, self.claims], check=False)

    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=proof", "-c", "user.email=proof@example.org", *words], check=True)

    def control(self, verb, *options):
        subprocess.run([ENGINE, verb, "--dir", self.engine_folder, *options], check=True, stdout=self.log)

    def keep_daemon(self):
        """Starts it, and again whenever it has ended, as a supervisor does."""
        init = pathlib.Path(self.engine_folder + "/init.pid").read_text(encoding="utf-8").strip()
        command = [
            "nsenter", f"--net=/proc/{init}/ns/net", self.program, "--repo", f"file://{self.folder}/specs",
            "--allow-insecure", "--interval", "2s", "--owner", "proof", "--host-name", "bed",
            "--state-dir", self.folder + "/state", "--docker-host", f"unix://{self.engine_folder}/docker.sock",
            "--set", f"pools.runtimeDirectory={self.claims}"]
        while not self.is_over:
            self.daemon = subprocess.Popen(command, stdout=self.log, stderr=self.log)
            code = self.daemon.wait()
            if code not in (-signal.SIGKILL, 0) and not self.is_over:
                self.failures += 1
                time.sleep(0.3)

    def kill_daemon(self):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.kill()

    def kill_engine(self, events):
        begin = time.monotonic()
        self.control("kill")
        time.sleep(random.uniform(0, 2))
        self.control("restart")
        # What ended with it is found within seconds.
        events.add("outage", at=begin, until=time.monotonic() + 5)


class Client:
    """Claims, holds, renews, asks again, gives back or walks away."""

    def __init__(self, number, bed, events, budget, seed):
        self.number, self.bed, self.events, self.budget = number, bed, events, budget
        self.dice = random.Random(seed * 1000 + number)
        self.daemon = wire.Daemon(bed.socket)
        self.turn = 0

    def run(self):
        while self.budget.take():
            self.turn += 1
            holder = f"client-{self.number}-{self.turn}"
            key = str(uuid.UUID(int=self.dice.getrandbits(128))) if self.dice.random() < 0.8 else None
            answer = self.claim(holder, key)
            if answer is None:
                self.budget.give_back()
            else:
                self.hold(answer, holder, key)

    def ask(self, holder, key, wait):
        ask = f"{holder}/{time.monotonic()}"
        self.events.add("asked", ask=ask, holder=holder, key=key)
        status, answer = self.daemon.claim(POOL, {"holder": holder, "wait": wait}, key)
        if status != 201:
            self.events.add("failed", ask=ask, status=status)
            return status, None
        self.events.add(
            "answered", ask=ask, holder=holder, key=key, claim=answer["id"],
            container=(answer.get("container") or {}).get("id"), answered_holder=answer["holder"])
        return status, answer

    def claim(self, holder, key):
        wait = self.dice.choice(["0s", "2s", "20s"])
        # An engine that is killed is away for seconds, and a daemon may be killed as soon as it is back.
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            status, answer = self.ask(holder, key, wait)
            if answer:
                return answer
            if status == 0 and key is None:
                return None
            time.sleep(self.dice.uniform(0.1, 0.6))
        self.events.add("starved", holder=holder)
        return None

    def hold(self, claim, holder, key):
        claim = claim["id"]
        # Most are quick; some outlive losses, restarts and their own term.
        length = self.dice.uniform(10, 30) if self.dice.random() < 0.1 else self.dice.expovariate(1 / 1.5)
        end = time.monotonic() + length
        next_renewal = time.monotonic() + 5
        while time.monotonic() < end:
            time.sleep(min(0.5, max(0.01, end - time.monotonic())))
            seen = self.look(claim)
            if seen and seen["phase"] == "ended":
                return
            if key and self.dice.random() < 0.05:
                self.ask(holder, key, "0s")
            if time.monotonic() > next_renewal:
                self.daemon.renew(claim)
                next_renewal += 5
        if self.dice.random() < 0.1:
            return
        self.events.add("release", claim=claim)
        for _ in range(100):
            if self.daemon.release(claim) in (200, 404):
                return
            time.sleep(0.3)

    def look(self, claim):
        begun = time.monotonic()
        seen = self.daemon.look(claim)
        if seen:
            self.events.add(
                "seen", at=begun, claim=claim, phase=seen["phase"], reason=seen.get("reason"),
                container=(seen.get("container") or {}).get("id"))
        return seen


class Budget:
    """How many claims are still to be made, for all clients together."""

    def __init__(self, count, minutes):
        self.left, self.lock = count, threading.Lock()
        self.end = time.monotonic() + minutes * 60

    def take(self):
        with self.lock:
            self.left -= 1
            return self.left >= 0 and time.monotonic() < self.end

    def give_back(self):
        with self.lock:
            self.left += 1


def watch(bed, events, stop):
    """What befalls containers, by the engine's events and by looks at all of them, since events get lost."""
    alive = set()

    def listen():
        while not stop.is_set():
            for kind, container in bed.docker.events():
                events.add({"die": "died", "destroy": "gone"}[kind], container=container)
            time.sleep(0.1)

    threading.Thread(target=listen, daemon=True).start()
    while not stop.wait(0.5):
        begun = time.monotonic()
        found = bed.docker.containers()
        if found is None:
            continue
        # One that was lost takes no room until another has taken over from it.
        events.add("members", at=begun, count=sum(state != "exited" for state in found.values()))
        now = {container for container, state in found.items() if state in ("running", "paused")}
        for container in alive - now:
            events.add("died", at=begun, container=container)
        alive = now


def look_at_claims(bed, events, stop):
    """What the daemon says of all that somebody has, and of its own mistakes."""
    daemon = wire.Daemon(bed.socket)
    pages_without = 0
    while not stop.wait(0.5):
        begun = time.monotonic()
        for claim in daemon.all_claims("bound").values():
            events.add(
                "seen", at=begun, claim=claim["id"], phase=claim["phase"], reason=claim.get("reason"),
                container=(claim.get("container") or {}).get("id"))
        asked = time.monotonic()
        is_known = daemon.pool(POOL) is not None
        count = daemon.metric("reconcile_pool_members_over_created_total")
        # A page of a daemon that has just begun may be from before it saw the host, up to a second ago.
        pages_without = pages_without + 1 if is_known and count is None else 0
        if count not in (None, wire.NO_ANSWER) or pages_without > 5:
            events.add("overcount", count=count)
        if is_known:
            # It lived then; by now it may have been killed.
            events.add("alive", at=asked)


def meddle(bed, events, stop, every, dice):
    """Kills the daemon, the engine, and containers that somebody has, at random moments."""
    counts = {"daemon": 0, "engine": 0, "container": 0}
    while not stop.wait(dice.expovariate(1 / every)):
        what = dice.choices(["daemon", "engine", "container"], [5, 1, 4])[0]
        counts[what] += 1
        if what == "daemon":
            begun = time.monotonic()
            bed.kill_daemon()
            events.add("restart", at=begun, until=begun + 5)
        elif what == "engine":
            bed.kill_engine(events)
        else:
            claims = [claim for claim in wire.Daemon(bed.socket).all_claims("bound").values() if claim.get("container")]
            if claims:
                victim = dice.choice(sorted(claims, key=lambda claim: claim["id"]))["container"]["id"]
                events.add("killed", container=victim)
                bed.docker.kill(victim)
    return counts


def await_rest(bed, events):
    """Waits until nobody has anything and the pool is full; says what is wrong otherwise."""
    # A member that was stopped again and again is started later and later, after five minutes at most.
    daemon, end = wire.Daemon(bed.socket), time.monotonic() + 400
    while True:
        pool, found = daemon.pool(POOL), bed.docker.containers()
        open_claims = daemon.all_claims("open")
        if bed.failures > 100:
            return [f"end: the daemon ended by itself {bed.failures} times"]
        if pool and found is not None and pool["ready"] == SIZE and len(found) == SIZE and not open_claims:
            return []
        if time.monotonic() > end:
            return [f"end: the pool is {pool}, {len(found or {})} containers, {len(open_claims)} open claims"]
        time.sleep(0.3)


def part(name, options, arguments, claims, log):
    events, stop = History(arguments.history and f"{arguments.history}.{name}"), threading.Event()
    dice = random.Random(arguments.seed)
    counts = {}
    with Bed(options, arguments.program, log.path) as bed:
        wrong = await_rest(bed, events)
        if wrong:
            sys.exit("\n".join(wrong + log.tail()))
        begun = time.monotonic()
        for onlooker in (watch, look_at_claims):
            threading.Thread(target=onlooker, args=(bed, events, stop), daemon=True).start()

        def cause_trouble():
            try:
                counts.update(meddle(bed, events, stop, arguments.faults, dice))
            except subprocess.CalledProcessError as error:
                wrong.append(f"meddling: {error}")

        trouble = threading.Thread(target=cause_trouble, daemon=True)
        trouble.start()
        budget = Budget(claims, arguments.minutes)
        clients = [Client(number, bed, events, budget, arguments.seed) for number in range(arguments.clients)]
        threads = [threading.Thread(target=client.run) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        took = time.monotonic() - begun
        stop.set()
        trouble.join()
        wrong += await_rest(bed, events)
        final = wire.Daemon(bed.socket).all_claims()
    offset = time.time() - time.monotonic()
    for claim in final.values():
        expires = datetime.datetime.fromisoformat(claim["expires"].replace("Z", "+00:00"))
        claim["expired_at"] = expires.timestamp() - offset
    found = history.check(events.events, final, MOST)
    kills = ", ".join(f"{count} of the {what}" for what, count in counts.items())
    print(f"{name}: {found.counts['claims']} claims by {arguments.clients} clients in {took:.0f} s, kill -9: {kills}")
    for what, count in found.counts.items():
        print(f"  {what}: {count}")
    for violation in wrong + found.violations:
        print(f"  VIOLATION {violation}")
    print(f"  violations: {len(wrong + found.violations)}")
    if wrong + found.violations:
        print(f"the last lines of the log{'' if log.is_ours else f' {log.path}'}:", *log.tail(), sep="\n  ")
    return not (wrong + found.violations)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", required=True)
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=30, help="for each engine, however many claims there were")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--faults", type=float, default=4.0, help="seconds between two, on average")
    parser.add_argument("--history", help="where the events are kept, as lines of JSON")
    parser.add_argument(
        "--log", help="where the log of daemon and engine is kept; without it the end is shown when something did not hold")
    arguments = parser.parse_args()
    # So that nothing is left of an engine, however this ends.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    half = arguments.claims // 2
    parts = [("plain engine", [], arguments.claims - half), ("engine with live-restore", ["--live-restore"], half)]
    with logfile.LogFile(arguments.log) as log:
        # Both, whatever the first comes to.
        results = [part(name, options, arguments, claims, log) for name, options, claims in parts if claims]
    sys.exit(0 if all(results) else 1)


main()
