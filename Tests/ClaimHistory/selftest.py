#!/usr/bin/env python3
"""A checker that finds nothing proves nothing: each rule is broken once."""

import os

import history
import logfile
import wire


def answered(claim, container, holder="a", key=None, at=1.0, named=None):
    return {"at": at, "what": "answered", "ask": 1, "holder": holder, "key": key, "claim": claim,
            "container": container, "answered_holder": named or holder}


def event(what, at, **more):
    return {"what": what, "at": at, **more}


RELEASED = {"phase": "ended", "reason": "released"}
EXPIRED = {"phase": "ended", "reason": "expired", "expired_at": 30}
GOOD = [answered("c-1", "x"), event("release", 5, claim="c-1"), event("died", 6, container="x")]

RULES = {
    "double claim", "key", "lost claim", "reaped", "loss", "over-creation", "own count", "starved", "connection"}

CASES = {
    "": (GOOD, {"c-1": RELEASED}),
    "expiry is no breach": ([answered("c-1", "x"), event("died", 31, container="x")], {"c-1": EXPIRED}),
    "double claim": (GOOD + [answered("c-2", "x", "b", at=2), event("release", 5, claim="c-2")],
                     {"c-1": RELEASED, "c-2": RELEASED}),
    "double claim ": ([answered("c-1", "x", named="b"), *GOOD[1:]], {"c-1": RELEASED}),
    "key": ([answered("c-1", "x", key="k"), answered("c-2", "y", key="k", at=2), event("release", 5, claim="c-1"),
             event("release", 5, claim="c-2")], {"c-1": RELEASED, "c-2": RELEASED}),
    "lost claim": (GOOD, {}),
    "reaped": ([answered("c-1", "x"), event("died", 3, container="x"), event("release", 5, claim="c-1")],
               {"c-1": RELEASED}),
    "loss": ([answered("c-1", "x"), event("killed", 2, container="x"), event("died", 2, container="x"),
              event("seen", 40, claim="c-1", phase="bound", container="x", reason=None),
              event("release", 41, claim="c-1")], {"c-1": RELEASED}),
    "over-creation": (GOOD + [event("members", 2, count=9)], {"c-1": RELEASED}),
    "over-creation ": (GOOD + [event("overcount", 2, count=1.0)], {"c-1": RELEASED}),
    "own count": (GOOD + [event("overcount", 2, count=0.0), event("overcount", 3, count=None)], {"c-1": RELEASED}),
    "a count of nothing is no breach": (GOOD + [event("overcount", 2, count=0.0)], {"c-1": RELEASED}),
    "starved": (GOOD + [event("starved", 9, holder="b")], {"c-1": RELEASED}),
    "connection": (GOOD + [event("asked", 3, ask=7), event("failed", 9, ask=7, status=0)], {"c-1": RELEASED}),
    "connection ": (
        GOOD + [event("restart", 2, until=4), event("alive", 5), event("asked", 6, ask=7),
                event("failed", 9, ask=7, status=0)], {"c-1": RELEASED}),
    "a killed daemon breaks connections": (
        GOOD + [event("alive", 2), event("asked", 3, ask=7), event("restart", 8, until=9),
                event("failed", 9, ask=7, status=0)],
        {"c-1": RELEASED}),
    "a look soon after a restart is no breach": (
        [answered("c-1", "x"), event("killed", 2, container="x"), event("died", 2, container="x"),
         event("restart", 33, until=38), event("seen", 40, claim="c-1", phase="bound", container="x", reason=None),
         event("release", 41, claim="c-1")], {"c-1": RELEASED}),
}


def check_metrics():
    """A metric that is not there is no metric that is 0."""
    page = '# HELP a_total Some.\na_total{pool="p"} 1\na_total{pool="q"} 2\na_total_of_others 5\nb_total 0\n'
    assert wire.metric("a_total", page) == 3
    assert wire.metric("b_total", page) == 0
    assert wire.metric("c_total", page) is None
    assert wire.Daemon("/nowhere.sock").metric("a_total") is wire.NO_ANSWER


def check_log():
    """Our own log goes with us, its end is shown, and one that somebody asked for stays."""
    with logfile.LogFile() as log:
        with open(log.path, "w", encoding="utf-8") as file:
            file.writelines(f"line {number}\n" for number in range(100))
        assert log.tail() == [f"line {number}" for number in range(40, 100)]
        path = log.path + ".kept"
    assert not os.path.exists(log.path)
    with logfile.LogFile(path) as kept:
        open(path, "w", encoding="utf-8").close()
        assert kept.tail() == []
    assert os.path.exists(path)
    os.unlink(path)


def main():
    breaches = 0
    for rule, (events, final) in CASES.items():
        names = {violation.split(":")[0] for violation in history.check(events, final, 8).violations}
        # Whatever is no name of a rule says why nothing is to be found.
        expected = {rule.strip()} & RULES
        breaches += rule in RULES
        assert names == expected, f"'{rule}': {names}"
    assert breaches == len(RULES)
    check_metrics()
    check_log()
    print(f"the checker finds each of {breaches} breaches, and nothing else")


main()
