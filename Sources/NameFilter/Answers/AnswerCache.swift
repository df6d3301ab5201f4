/// What upstream resolvers said lately.
///
/// Answers are kept for all bridges alike: what a bridge may see of them is decided each time.
package struct AnswerCache: Sendable {
    package enum Content: Hashable, Sendable {
        case answer(VettedAnswer)
        /// No upstream gave a usable answer (RFC 9520 wants that remembered for a second).
        case failure
    }

    package struct Entry: Hashable, Sendable {
        package var content: Content
        package var expires: ContinuousClock.Instant
        /// Until then an answer is better than none, if no upstream answers (RFC 8767).
        package var useless: ContinuousClock.Instant

        package init(content: Content, expires: ContinuousClock.Instant, useless: ContinuousClock.Instant) {
            self.content = content
            self.expires = expires
            self.useless = useless
        }
    }

    private var entries: Generations<Question, Entry>

    package init(most: Int) { entries = Generations(most: most) }

    package var count: Int { entries.count }

    /// What is known and has not expired.
    package mutating func entry(_ question: Question, at now: ContinuousClock.Instant) -> Entry? {
        guard let entry = entries[question], entry.expires > now else { return nil }
        return entry
    }

    /// An answer with records that expired not too long ago.
    package mutating func staleAnswer(_ question: Question, at now: ContinuousClock.Instant) -> VettedAnswer? {
        guard let entry = entries[question], entry.useless > now, case .answer(let answer) = entry.content,
            !answer.isEmpty
        else { return nil }
        return answer
    }

    package mutating func store(_ answer: VettedAnswer, for question: Question, limits: FilterLimits, at now: Instant) {
        let expires = now + limits.lifetime(of: answer)
        // What nobody may use later need not push out what somebody may.
        guard expires > now else { return }
        let useless = answer.isEmpty ? expires : expires + limits.staleFor
        entries[question] = Entry(content: .answer(answer), expires: expires, useless: useless)
    }

    /// Keeps an older answer as what may be served meanwhile.
    package mutating func storeFailure(of question: Question, limits: FilterLimits, at now: Instant) {
        let retry = now + limits.failuresFor
        if let answer = staleAnswer(question, at: now), let known = entries[question] {
            entries[question] = Entry(content: .answer(answer), expires: retry, useless: max(known.useless, retry))
        } else {
            entries[question] = Entry(content: .failure, expires: retry, useless: retry)
        }
    }

    package typealias Instant = ContinuousClock.Instant
}
