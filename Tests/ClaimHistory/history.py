"""What clients asked and heard, what befell the containers, and what of it must not be.

A history is a list of events, each a dict with `at` (seconds, of one clock) and `what`:

    asked      holder, key, ask                     a request leaves a client
    answered   ask, holder, key, claim, container   201 came back
    failed     ask, status                          any other answer; status 0 is a lost connection
    release    claim                                a client begins to give it back
    seen       claim, phase, container, reason      a client looked at its claim
    died       container                            the engine says so, or was seen again without it
    gone       container
    killed     container                            by us, on purpose
    outage     until                                the engine was killed; it was whole again at `until`
    members    count                                containers of the pool that have not ended
"""

from collections import defaultdict


class Findings:
    def __init__(self):
        self.violations = []
        self.counts = {}

    def violate(self, rule, text):
        self.violations.append(f"{rule}: {text}")


def check(events, final, most_members):
    """final: claims by id as the daemon lists them in the end, with `expired_at` by the clock of the events."""
    found = Findings()
    events = sorted(events, key=lambda event: event["at"])
    answers = [event for event in events if event["what"] == "answered"]
    check_holders(answers, found)
    check_keys(answers, found)
    check_ends(events, answers, final, found)
    check_losses(events, final, found)
    for event in events:
        if event["what"] == "members" and event["count"] > most_members:
            found.violate("over-creation", f"{event['count']} members, and {most_members} may be")
    found.counts["answers"] = len(answers)
    found.counts["claims"] = len({answer["claim"] for answer in answers})
    found.counts["requests"] = sum(event["what"] == "asked" for event in events)
    found.counts["lost connections"] = sum(event["what"] == "failed" and event["status"] == 0 for event in events)
    found.counts["refused"] = sum(event["what"] == "failed" and event["status"] != 0 for event in events)
    return found


def containers_of(events):
    """Each claim's containers, by whatever a client was shown."""
    containers = defaultdict(set)
    for event in events:
        if event["what"] in ("answered", "seen") and event.get("container"):
            containers[event["claim"]].add(event["container"])
    return containers


def check_holders(answers, found):
    holders = {}
    for answer in answers:
        first = holders.setdefault(answer["container"], answer)
        if first["claim"] != answer["claim"] or first["holder"] != answer["holder"]:
            found.violate(
                "double claim",
                f"{answer['container'][:12]} is {answer['holder']}'s by {answer['claim']}, and was "
                f"{first['holder']}'s by {first['claim']}")


def check_keys(answers, found):
    keys = {}
    for answer in answers:
        if answer["key"] is None:
            continue
        first = keys.setdefault(answer["key"], answer)
        if first["claim"] != answer["claim"]:
            found.violate("key", f"{answer['key']} is {answer['claim']}, and was {first['claim']}")


def check_ends(events, answers, final, found):
    """Every claim that was answered is known, is over for a reason that is true, and nothing of it died before."""
    released = {event["claim"]: event["at"] for event in reversed(events) if event["what"] == "release"}
    deaths = {}
    for event in events:
        if event["what"] in ("died", "gone"):
            deaths.setdefault(event["container"], event["at"])
    killed = {event["container"] for event in events if event["what"] == "killed"}
    outages = [(event["at"], event["until"]) for event in events if event["what"] == "outage"]
    containers = containers_of(events)
    endings = defaultdict(int)
    for claim in sorted({answer["claim"] for answer in answers}):
        last = final.get(claim)
        if last is None:
            found.violate("lost claim", f"{claim} was answered, and nobody knows it")
            continue
        reason = last.get("reason")
        endings[reason if last["phase"] == "ended" else last["phase"]] += 1
        if reason in ("failed", "cancelled"):
            found.violate("lost claim", f"{claim} was answered, and ended as {reason}")
        if reason == "released" and claim not in released:
            found.violate("lost claim", f"{claim} is released, and nobody gave it back")
        for container in containers[claim] & deaths.keys():
            at = deaths[container]
            ours = container in killed or any(begin <= at <= end for begin, end in outages)
            if ours or claim in released and released[claim] <= at:
                continue
            # Instants have whole seconds.
            if reason in ("expired", "maximum_age") and at >= last["expired_at"] - 1.5:
                continue
            found.violate("reaped", f"{container[:12]} of {claim} ({reason}) died while somebody had it")
    found.counts["endings"] = dict(sorted(endings.items(), key=lambda pair: str(pair[0])))


def check_losses(events, final, found):
    """Whoever looks long after the loss of a container is told of it."""
    grace = 20
    deaths = {}
    quiet = [(event["at"], event["until"] + grace) for event in events if event["what"] in ("outage", "restart")]
    announced = 0
    for event in events:
        if event["what"] in ("died", "gone"):
            deaths.setdefault(event["container"], event["at"])
        if event["what"] != "seen":
            continue
        if event.get("reason") == "container_lost":
            announced += 1
        at = deaths.get(event.get("container"))
        if at is None or event["phase"] != "bound" or event["at"] < at + grace:
            continue
        if not any(begin <= event["at"] <= end for begin, end in quiet):
            found.violate("loss", f"{event['claim']} is bound, and its container is dead for {event['at'] - at:.0f} s")
    found.counts["losses seen by holders"] = announced
    found.counts["containers that died while held"] = len(
        {event["container"] for event in events if event["what"] == "killed"})
