import FoundationEssentials
import Reconciler
import Synchronization
import Testing

@testable import Drivers

struct RepeatedAnswersTests {
    /// Decodes to the number of the call, so that a test sees whether it was asked.
    private final class Decoder: Sendable {
        private let count = Mutex(0)

        func decode(_ body: Data) throws(DriverError) -> Int {
            if body.isEmpty { throw DriverError(.transient, .badResponse, "empty", at: "test") }
            return count.withLock { count in
                count += 1
                return count
            }
        }
    }

    @Test("the same bytes to the same question are decoded once, and others anew")
    func decodesOnce() throws {
        let (answers, decoder) = (RepeatedAnswers<Int>(), Decoder())
        let bodies = ["a", "a", "b", "b", "a"]
        let values = try bodies.map { body in
            try answers.value(of: Data(body.utf8), to: "one", decode: decoder.decode)
        }
        #expect(values == [1, 1, 2, 2, 3])
        #expect(try answers.value(of: Data("a".utf8), to: "two", decode: decoder.decode) == 4)
    }

    @Test("what cannot be decoded is not remembered, and what is forgotten is decoded again")
    func forgets() throws {
        let (answers, decoder) = (RepeatedAnswers<Int>(), Decoder())
        #expect(throws: DriverError.self) { try answers.value(of: Data(), to: "one", decode: decoder.decode) }
        #expect(try answers.value(of: Data("a".utf8), to: "one", decode: decoder.decode) == 1)
        answers.forget(allBut: ["two"])
        #expect(try answers.value(of: Data("a".utf8), to: "one", decode: decoder.decode) == 2)
    }
}
