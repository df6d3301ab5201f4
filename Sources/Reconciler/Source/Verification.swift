/// What the signatures of a revision say of it.
package enum Verification: Hashable, Sendable {
    /// Nobody asked for signatures on this host.
    case notAsked
    /// Who signed, each as a person knows them: `alice@example.org (ssh SHA256:...)`.
    case verified(by: [String])
    /// The revision comes without its files, so that nobody can use them by mistake.
    case refused(VerificationFailure)
}

/// Why the signatures of a revision do not suffice.
package struct VerificationFailure: Error, Hashable, Sendable {
    /// One of the states that say so.
    package var state: SourceStatus.State
    /// Lower case, for a person: what is wrong and what would be right.
    package var message: String

    package init(_ state: SourceStatus.State, _ message: String) {
        self.state = state
        self.message = message
    }

    /// Whether time alone brought it about, so that it says nothing against a revision that was taken before.
    package var isOfAge: Bool { [.keyExpired, .signatureExpired, .commitTooOld].contains(state) }
}
