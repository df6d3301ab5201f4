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

    private func objection(
        _ step: Step, _ ledger: RepairLedger, at now: Duration = .zero, isLast: Bool = false,
        isReplacement: Bool = true, isRetiring: Bool = false
    ) -> String? {
        ledger.objection(to: step, of: key, in: state, at: now, isLast: isLast, isReplacement: isReplacement) { _ in
            isRetiring
        }
    }

    @Test("the same repair again is a repetition, another one is not")
    func same() throws {
        var ledger = RepairLedger()
        #expect(try objection(update(7), ledger) == nil)
        ledger.made(try update(7), of: key, at: .zero)
        #expect(try objection(update(7), ledger) != nil)
        #expect(try objection(update(8), ledger) == nil)
        ledger.forget(key)
        #expect(try objection(update(7), ledger) == nil)
    }

    @Test("there is one more attempt after five minutes, and none after that")
    func onceMore() throws {
        var ledger = RepairLedger()
        ledger.made(try update(7), of: key, at: .seconds(100))
        #expect(
            try objection(update(7), ledger, at: .seconds(399)) == "; one more attempt 5 min after the last one")
        #expect(try objection(update(7), ledger, at: .seconds(399), isLast: true)?.isEmpty == true)
        #expect(try objection(update(7), ledger, at: .seconds(400)) == nil)
        ledger.made(try update(7), of: key, at: .seconds(400))
        #expect(try objection(update(7), ledger, at: .seconds(100_000))?.isEmpty == true)
        ledger.made(try update(8), of: key, at: .seconds(500))
        #expect(try objection(update(8), ledger, at: .seconds(800)) == nil, "another repair begins anew")
    }

    private func creation() throws -> Step {
        let made = try #require(state.containers["id-web-0-1"])
        let object = try #require(Declared.state(Declared.workload()).objects.values.first)
        return .createContainer(MemberIntent(name: made.name, mark: made.mark, container: object.container))
    }

    @Test("taking away what was just made to make it again is the same repair, unless something else asks for it")
    func removal() throws {
        var ledger = RepairLedger()
        ledger.made(try creation(), of: key, at: .zero)
        #expect(try objection(.remove(reference()), ledger) != nil)
        #expect(try objection(.remove(reference()), ledger, isReplacement: false) == nil)
        #expect(try objection(.remove(reference()), ledger, isRetiring: true) == nil)
    }

    @Test("making beside it what was just made is the same repair, unless that is on its way out")
    func creationAgain() throws {
        var ledger = RepairLedger()
        ledger.made(try creation(), of: key, at: .zero)
        #expect(try objection(creation(), ledger) != nil)
        #expect(try objection(creation(), ledger, isRetiring: true) == nil)
    }
}
