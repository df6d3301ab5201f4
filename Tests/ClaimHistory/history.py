"""What clients asked and heard, what befell the containers, and what of it must not be.

A history is a list of events, each a dict with `at` (seconds, of one clock) and `what`:

    asked      holder, key, ask                     a request leaves a client
    answered   ask, holder, key, claim, container, answered_holder   201 came back, and names this holder
    failed     ask, status                          any other answer; status 0 is a lost connection
    starved    holder                               nobody served it, however often it asked
    release    claim                                a client begins to give it back
    seen       claim, phase, container, reason      somebody looked at the claim
    died       container                            the engine says so, or was seen again without it
    gone       container
    killed     container                            by us, on purpose
    outage     until                                the engine was killed; it was whole again at `until`
    restart    until                                the daemon was killed; another is there by `until`
    alive                                           the daemon answers
    members    count                                containers of the pool that have not ended
    overcount  count                                what the daemon itself counted beyond what may be; None: it knows the
                                                    pool and does not count
"""

from collections import defaultdict

# Seconds within which a daemon that nobody disturbs has noticed what happened.
GRACE = 5


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
    check_holders(events, found)
    check_keys(answers, found)
    check_ends(events, answers, final, found)
    check_losses(events, found)
    for event in events:
        if event["what"] == "members" and event["count"] > most_members:
            found.violate("over-creation", f"{event['count']} members, and {most_members} may be")
        if event["what"] == "starved":
            found.violate("starved", f"{event['holder']} was never served")
    check_own_count(events, found)
    check_connections(events, found)
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


def check_holders(events, found):
    """Whatever anybody was shown: no container is ever two claims', and no claim two holders'."""
    claims, holders = {}, {}
    for event in events:
        if event["what"] == "answered":
            if event["answered_holder"] != event["holder"]:
                found.violate("double claim", f"{event['claim']} is {event['answered_holder']}'s, and {event['holder']} got it")
            first = holders.setdefault(event["claim"], event["holder"])
            if first != event["holder"]:
                found.violate("double claim", f"{event['claim']} is {event['holder']}'s, and was {first}'s")
        if event["what"] in ("answered", "seen") and event.get("container"):
            first = claims.setdefault(event["container"], event["claim"])
            if first != event["claim"]:
                found.violate("double claim", f"{event['container'][:12]} is of {event['claim']}, and was of {first}")


def check_own_count(events, found):
    """The daemon counts what is beyond its bounds, and counts nothing. A run of it begins anew."""
    counts = [event["count"] for event in events if event["what"] == "overcount"]
    if any(count is None for count in counts):
        found.violate("own count", f"{sum(count is None for count in counts)} pages of metrics do not have it")
    if any(counts):
        found.violate("over-creation", f"the daemon counted {max(count or 0 for count in counts):.0f}")


def check_connections(events, found):
    """A connection breaks with the daemon, and until the next one answers."""
    asked, killed, answers = {}, None, []
    for event in events:
        if event["what"] == "asked":
            asked[event["ask"]] = event["at"]
        elif event["what"] == "restart":
            killed, answers = event["at"], []
        elif event["what"] == "alive":
            answers.append(event["at"])
        elif event["what"] == "failed" and event["status"] == 0:
            begun = asked.get(event["ask"], event["at"])
            if killed is None or answers and answers[0] < begun:
                found.violate("connection", f"{event['ask']} broke after {event['at'] - begun:.1f} s, and nobody was killed")


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


def check_losses(events, found):
    """Whoever looks when a daemon has had some seconds of peace since the loss of a container is told of it."""
    deaths = {}
    troubles = [(event["at"], event["until"]) for event in events if event["what"] in ("outage", "restart")]
    announced = 0
    for event in events:
        if event["what"] in ("died", "gone"):
            deaths.setdefault(event["container"], event["at"])
        if event["what"] != "seen":
            continue
        if event.get("reason") == "container_lost":
            announced += 1
        at = deaths.get(event.get("container"))
        if at is None or event["phase"] != "bound" or event["at"] < at + GRACE:
            continue
        found.counts["looks at claims whose container was dead"] = found.counts.get(
            "looks at claims whose container was dead", 0) + 1
        if not any(begin <= event["at"] and event["at"] - GRACE <= end for begin, end in troubles):
            found.violate("loss", f"{event['claim']} is bound, and its container is dead for {event['at'] - at:.0f} s")
    found.counts["losses seen by holders"] = announced
    found.counts["containers that died while held"] = len(
        {event["container"] for event in events if event["what"] == "killed"})
