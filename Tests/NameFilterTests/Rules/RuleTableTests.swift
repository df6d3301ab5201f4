import Specs
import Testing

@testable import NameFilter

struct RuleTableTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// nil is not allowed.
        var rules: [Int]?
        var wildcard: String?
        var testDescription: String { name }
    }

    private static let table = RuleTable([
        NameRule("pypi.org", "*.example.com"), NameRule("*.example.com", "*.deep.example.com", "example.com"),
        NameRule("xn--bcher-kva.example"),
    ])

    static let cases = [
        Case(name: "pypi.org", rules: [0]), Case(name: "PyPI.ORG", rules: [0]), Case(name: "pypi.org.", rules: [0]),
        Case(name: "files.pypi.org"), Case(name: "evilpypi.org"), Case(name: "pypi.org.evil.net"), Case(name: "org"),
        Case(name: "a.example.com", rules: [0, 1], wildcard: "example.com"),
        Case(name: "a.b.c.example.com", rules: [0, 1], wildcard: "example.com"),
        Case(name: "a.deep.example.com", rules: [0, 1], wildcard: "deep.example.com"),
        Case(name: "example.com", rules: [1]), Case(name: "anexample.com"), Case(name: "com"), Case(name: ""),
        Case(name: "xn--bcher-kva.example", rules: [2]), Case(name: "XN--BCHER-KVA.example", rules: [2]),
    ]

    @Test("names are allowed by themselves, or by a star at any depth above them", arguments: cases)
    func match(_ c: Case) {
        let match = Self.table.match(.of(c.name))
        #expect(match?.rules == c.rules)
        #expect(match?.wildcard == c.wildcard.map { .of($0) })
    }

    @Test("a star does not stand for the name below which it stands")
    func apex() {
        #expect(RuleTable([NameRule("*.example.com")]).match(.of("example.com")) == nil)
    }

    @Test("the table agrees with the patterns of specs", arguments: cases)
    func agreement(_ c: Case) {
        let patterns = Self.table.rules.flatMap(\.patterns)
        #expect((Self.table.match(.of(c.name)) != nil) == patterns.contains { $0.matches(c.name) })
    }

    @Test("names on the way to an allowed one are known")
    func ancestors() {
        for name in ["org", "com", "example.com", "deep.example.com", "example", ""] {
            #expect(Self.table.isAbove(.of(name)), "\(name)")
        }
        for name in ["pypi.org", "a.example.com", "net"] { #expect(!Self.table.isAbove(.of(name)), "\(name)") }
    }
}
