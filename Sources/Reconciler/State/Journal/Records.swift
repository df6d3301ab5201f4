package import Specs

/// Something that happened and that a person may want to know; Kubernetes' Event.
package struct EventRecord: Hashable, Codable, Sendable {
    package enum Severity: String, CaseIterable, Hashable, Codable, Sendable {
        case normal = "Normal", warning = "Warning"
    }

    package var time: Instant
    package var severity: Severity
    /// What it is about; nil for the host as a whole.
    package var key: Key?
    /// One word in CamelCase, to switch on.
    package var reason: String
    /// For a person; never holds a secret.
    package var message: String
    /// The revision in force; nil before there is one.
    package var revision: String?

    package init(
        time: Instant, severity: Severity = .normal, key: Key? = nil, reason: String, message: String,
        revision: String? = nil
    ) {
        self.time = time
        self.severity = severity
        self.key = key
        self.reason = reason
        self.message = message
        self.revision = revision
    }
}

/// Who made a commit, when, and its subject line, as git says: whatever its author liked, so that a source makes it
/// harmless to show first.
package struct CommitFacts: Hashable, Codable, Sendable {
    /// Name and address: `Ada <ada@example.org>`.
    package var author: String
    /// When the author made it, by the author's clock.
    package var time: Instant
    package var subject: String

    package init(author: String, time: Instant, subject: String) {
        self.author = author
        self.time = time
        self.subject = subject
    }
}

/// What became of one revision on this host.
package struct RevisionRecord: Hashable, Codable, Sendable {
    package enum Outcome: String, Hashable, Codable, Sendable {
        /// Put in force; the host is being brought there.
        case accepted = "Accepted"
        /// The host was as it says, at least once.
        case applied = "Applied"
        /// Good, and yet not followed until a person says so.
        case held = "Held"
        /// Not valid: nothing of it was used.
        case rejected = "Rejected"
    }

    package var revision: Revision
    package var commit: CommitFacts?
    package var outcome: Outcome
    /// Why it is held or rejected, or who signed it; empty otherwise.
    package var message: String
    package var time: Instant

    package init(
        revision: Revision, commit: CommitFacts? = nil, outcome: Outcome, message: String = "", time: Instant
    ) {
        self.revision = revision
        self.commit = commit
        self.outcome = outcome
        self.message = message
        self.time = time
    }
}

/// An object is kept as an earlier revision says, or left alone, until a commit changes what it says.
///
/// Desired is the accepted revision plus pins.
package struct Pin: Hashable, Codable, Sendable {
    package enum Cause: String, Hashable, Codable, Sendable {
        /// What the newer revision says failed on this host; it is not tried again.
        case quarantined = "Quarantined"
        /// A person asked for it.
        case requested = "Requested"
    }

    package var object: ResourceID
    /// The revision whose word holds for the object; nil where there is none, and the object is left as it is.
    package var revision: Revision?
    package var cause: Cause
    /// For a person.
    package var reason: String
    /// `DesiredObject.meaning` in the revision that is not followed: another meaning releases the pin.
    package var rejected: String
    package var since: Instant

    package init(
        object: ResourceID, revision: Revision?, cause: Cause, reason: String, rejected: String, since: Instant
    ) {
        self.object = object
        self.revision = revision
        self.cause = cause
        self.reason = reason
        self.rejected = rejected
        self.since = since
    }
}

/// Nothing is changed on this host, or for one object, until somebody resumes it.
package struct Pause: Hashable, Codable, Sendable, CustomStringConvertible {
    /// nil pauses everything.
    package var object: ResourceID?
    package var reason: String
    /// Who asked for it: a user name, or `git` for an annotation.
    package var by: String
    package var since: Instant

    package init(object: ResourceID?, reason: String, by: String, since: Instant) {
        self.object = object
        self.reason = reason
        self.by = by
        self.since = since
    }

    /// `by alice: moving its data (until 'reconcile resume Workload/web')`.
    package var description: String {
        "by \(by)" + (reason.isEmpty ? "" : ": \(reason)") + " (until \(Until.resumed(object)))"
    }
}

/// A person allows one revision to remove these things: a revision and a set, never a moment.
package struct Approval: Hashable, Codable, Sendable {
    /// The id of the revision.
    package var revision: String
    /// What may go: containers and networks by name, sorted.
    package var removals: [String]
    package var by: String
    package var at: Instant

    package init(revision: String, removals: [String], by: String, at: Instant) {
        self.revision = revision
        self.removals = removals.sorted()
        self.by = by
        self.at = at
    }
}
