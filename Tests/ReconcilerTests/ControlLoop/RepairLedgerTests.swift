import ReconcileTesting
import Specs
import Testing

@testable import Reconciler

/// A difference is repaired once, once more after five minutes, and then no more.
struct RepairLedgerTests {
    private let key = Key.member(MemberID(ResourceID(.workload, "web"), 0))
    private let state = ObservedState(converged: Declared.state(Declared.workload()))

    private func reference() throws -> ContainerReference {
        ContainerReference(try #require(state.containers["id-web-0-1"]))
    }

    private func update(_ pids: Int64) throws -> Step { .update(try reference(), LiveSettings(pids: pids)) }

    private func isRepetition(_ step: Step, _ ledger: RepairLedger) -> Bool {
        ledger.isRepetition(step, of: key, in: state) { _ in true }
    }

    @Test("the same repair again is a repetition, another one is not")
    func same() throws {
        var ledger = RepairLedger()
        #expect(try !isRepetition(update(7), ledger))
        ledger.made(try update(7), of: key, at: .zero)
        #expect(try isRepetition(update(7), ledger))
        #expect(try !isRepetition(update(8), ledger))
        ledger.forget(key)
        #expect(try !isRepetition(update(7), ledger))
    }

    @Test("there is one more attempt after five minutes, and none after that")
    func onceMore() throws {
        var ledger = RepairLedger()
        ledger.made(try update(7), of: key, at: .seconds(100))
        #expect(!ledger.mayRepeat(key, at: .seconds(399)))
        #expect(ledger.outlook(of: key) == "; one more attempt 5 min after the last one")
        #expect(ledger.mayRepeat(key, at: .seconds(400)))
        ledger.made(try update(7), of: key, at: .seconds(400))
        #expect(!ledger.mayRepeat(key, at: .seconds(100_000)))
        #expect(ledger.outlook(of: key).isEmpty)
        ledger.made(try update(8), of: key, at: .seconds(500))
        #expect(ledger.mayRepeat(key, at: .seconds(800)), "another repair begins anew")
    }

    @Test("taking away what was just made to make it again is the same repair, unless something else asks for it")
    func removal() throws {
        var ledger = RepairLedger()
        let made = try #require(state.containers["id-web-0-1"])
        let object = try #require(Declared.state(Declared.workload()).objects.values.first)
        ledger.made(
            .createContainer(MemberIntent(name: made.name, mark: made.mark, container: object.container)), of: key,
            at: .zero)
        #expect(try isRepetition(.remove(reference()), ledger))
        #expect(try !ledger.isRepetition(.remove(reference()), of: key, in: state) { _ in false })
    }
}
