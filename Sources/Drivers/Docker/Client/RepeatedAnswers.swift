import FoundationEssentials
import Reconciler
import Synchronization

/// Answers of an engine with what they were decoded to: most containers answer a look with the very bytes of the look
/// before, and comparing bytes costs a hundredth of decoding them.
///
/// Nothing is believed for longer than an answer takes: the engine is asked every time.
final class RepeatedAnswers<Value: Sendable>: Sendable {
    private struct Answer {
        var body: Data
        var value: Value
    }

    private let answers = Mutex<[String: Answer]>([:])

    /// The value of an answer, decoded only if it is not the one of the last time.
    func value(
        of body: Data, to question: String, decode: (Data) throws(DriverError) -> Value
    ) throws(DriverError) -> Value {
        if let known = answers.withLock({ $0[question] }), known.body == body { return known.value }
        let value = try decode(body)
        answers.withLock { $0[question] = Answer(body: body, value: value) }
        return value
    }

    /// Forgets all answers but those to these questions.
    func forget(allBut questions: Set<String>) {
        answers.withLock { $0 = $0.filter { questions.contains($0.key) } }
    }
}
