"""What the daemon and the engine say while clients claim: looked at when something did not hold, and not kept otherwise."""

import collections
import os
import tempfile


class LogFile:
    """A file of the caller's choice, which is kept, or one of our own, which goes with us."""

    TAIL = 60

    def __init__(self, path=None):
        self.is_ours = path is None
        if path is None:
            descriptor, path = tempfile.mkstemp(prefix="reconcile-claims-", suffix=".log")
            os.close(descriptor)
        self.path = path

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.is_ours:
            os.unlink(self.path)

    def tail(self):
        """The last lines, the newest at the end; of a file that was just begun fewer."""
        with open(self.path, encoding="utf-8", errors="replace") as lines:
            return list(collections.deque((line.rstrip("\n") for line in lines), self.TAIL))
