import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Objects that wait for others.
struct DependencyTests {
    private static let db = ResourceID(.workload, "db")

    private static func web(_ image: String = "web:1") -> Resource<Workload> {
        var web = Declared.workload(replicas: 2, ContainerTemplate(image: image))
        web.spec.placement.dependsOn = [db]
        return web
    }

    private static func verdicts(_ desired: DesiredState, _ observed: ObservedState) -> [Verdict] {
        plan(desired, observed).actions.filter { $0.key.object?.name == "web" }.map(\.verdict)
    }

    @Test("members are created when all members of what they need are ready")
    func creation() {
        let desired = Declared.state(Declared.workload("db", replicas: 2), Self.web())
        var observed = ObservedState(converged: desired)
        observed.remove("web-0-1")
        #expect(Self.verdicts(desired, observed) == [.go])
        observed.change("db-1-1") { $0.status = .exited }
        #expect(Self.verdicts(desired, observed) == [.waitFor(.member(MemberID(Self.db, 1)))])
        observed.remove("db-0-1")
        #expect(Self.verdicts(desired, observed) == [.waitFor(.member(MemberID(Self.db, 0)))])
    }

    @Test("replacements wait too, and repairs do not")
    func changes() {
        let before = Declared.state(Declared.workload("db"), Self.web())
        var observed = ObservedState(converged: before)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        observed.change("db-0-1") { $0.status = .exited }
        let after = Declared.state(Declared.workload("db"), Self.web("web:2"))
        #expect(Self.verdicts(after, observed).first == .waitFor(.member(MemberID(Self.db, 0))))
        observed.change("web-1-1") { $0.status = .exited }
        #expect(Self.verdicts(before, observed) == [.go])
    }

    @Test("scaled to zero, nothing is waited for")
    func zero() {
        let desired = Declared.state(Declared.workload("db", replicas: 0), Self.web())
        var observed = ObservedState(converged: desired)
        observed.remove("web-0-1")
        #expect(Self.verdicts(desired, observed) == [.go])
    }

    @Test("nobody waits for what cannot become ready here: the plan says why")
    func held() {
        var db = Declared.workload("db")
        db.unenforced = [UnenforcedDemand("'spec.x'", at: SourcePosition(file: "a", line: 1, column: 1))]
        let desired = Declared.state(db, Self.web())
        var observed = ObservedState(converged: Declared.state(Self.web()))
        observed.remove("web-0-1")
        let hold = Hold(.dependency, "depends on Workload/db, which is held: NotYetEnforced")
        #expect(Self.verdicts(desired, observed) == [.held(hold)])
        let elsewhere = Declared.state(
            Declared.workload("db", pool: "theirs"), Self.web(),
            pools: [Declared.pool(), Declared.pool("theirs", hosts: .init(name: "host-b"))])
        let far = Hold(
            .dependency, "depends on Workload/db, which runs on other hosts, where nobody here can see it")
        #expect(Self.verdicts(elsewhere, observed) == [.held(far)])
    }
}
