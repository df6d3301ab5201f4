#!/usr/bin/env python3
"""A checker that finds nothing proves nothing: each rule is broken once."""

import history


def answered(claim, container, holder="a", key=None, at=1.0):
    return {"at": at, "what": "answered", "ask": 1, "holder": holder, "key": key, "claim": claim,
            "container": container}


def event(what, at, **more):
    return {"what": what, "at": at, **more}


RELEASED = {"phase": "ended", "reason": "released"}
EXPIRED = {"phase": "ended", "reason": "expired", "expired_at": 30}
GOOD = [answered("c-1", "x"), event("release", 5, claim="c-1"), event("died", 6, container="x")]

RULES = {
    "double claim", "key", "lost claim", "reaped", "loss", "over-creation", "starved", "connection"}

CASES = {
    "": (GOOD, {"c-1": RELEASED}),
    "expiry is no breach": ([answered("c-1", "x"), event("died", 31, container="x")], {"c-1": EXPIRED}),
    "double claim": (GOOD + [answered("c-2", "x", "b", at=2), event("release", 5, claim="c-2")],
                     {"c-1": RELEASED, "c-2": RELEASED}),
    "key": ([answered("c-1", "x", key="k"), answered("c-2", "y", key="k", at=2), event("release", 5, claim="c-1"),
             event("release", 5, claim="c-2")], {"c-1": RELEASED, "c-2": RELEASED}),
    "lost claim": (GOOD, {}),
    "reaped": ([answered("c-1", "x"), event("died", 3, container="x"), event("release", 5, claim="c-1")],
               {"c-1": RELEASED}),
    "loss": ([answered("c-1", "x"), event("killed", 2, container="x"), event("died", 2, container="x"),
              event("seen", 40, claim="c-1", phase="bound", container="x", reason=None),
              event("release", 41, claim="c-1")], {"c-1": RELEASED}),
    "over-creation": (GOOD + [event("members", 2, count=9)], {"c-1": RELEASED}),
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


def main():
    breaches = 0
    for rule, (events, final) in CASES.items():
        names = {violation.split(":")[0] for violation in history.check(events, final, 8).violations}
        # Whatever is no name of a rule says why nothing is to be found.
        expected = {rule.strip()} & RULES
        breaches += rule in RULES
        assert names == expected, f"'{rule}': {names}"
    assert breaches == len(RULES)
    print(f"the checker finds each of {breaches} breaches, and nothing else")


main()
