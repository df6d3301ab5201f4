import Foundation
import Invariants
import Simulation
import Testing

/// What is wrong on purpose must be found, and called by its name.
struct SeededBugTests {
    @Test("the checker sees every seeded bug, and names the invariant that it breaks", arguments: SeededBug.allCases)
    func isSeen(_ bug: SeededBug) throws {
        let found = try #require(BugHunt(bug).run(), "it was not found")
        #expect(found.violation.invariant == bug.invariant, "seed \(found.seed): \(found.violation)")
    }

    @Test("there is a seeded bug for every invariant")
    func areComplete() {
        #expect(Set(SeededBug.allCases.map(\.invariant)) == Set(Invariant.allCases))
    }

    @Test("the page about the simulator has each invariant with its bugs, and no other")
    func areOnThePage() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/simulator.md").standardized
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
            .filter { $0.hasPrefix("| S") || $0.hasPrefix("| L") }
        let written = Dictionary(
            grouping: rows.map { $0.split(separator: "|") },
            by: { String($0[0].drop { $0 == " " }.prefix { $0 != " " }) }
        ).mapValues { rows in
            Set(rows.flatMap { $0[1].split(separator: "`").filter { SeededBug(rawValue: String($0)) != nil } })
        }
        let meant = Dictionary(grouping: SeededBug.allCases, by: \.invariant.rawValue).mapValues { bugs in
            Set(bugs.map { Substring($0.rawValue) })
        }
        #expect(written == meant)
    }

    @Test("what never comes up delays nobody else")
    func headOfLine() {
        #expect(HeadOfLine().violation == nil)
    }
}
