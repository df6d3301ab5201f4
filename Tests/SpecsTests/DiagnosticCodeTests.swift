import Specs
import Testing

@Suite("Codes keep their numbers and say what they mean")
struct DiagnosticCodeTests {
    /// A number that was ever released stays in this table, whatever happens to its case.
    private static let released: [String: String] = [
        "S001": "invalidEncoding", "S002": "forbiddenCharacter", "S003": "tabIndentation", "S004": "syntax",
        "S005": "unsupportedDirective", "S006": "duplicateKey", "S007": "unsupportedKey", "S008": "mergeKey",
        "S009": "unsupportedTag", "S010": "unknownAlias", "S011": "recursiveAlias", "S012": "limitExceeded",
        "S013": "unreadable",
        "S101": "unknownAPIVersion", "S102": "unknownKind", "S103": "missingKey", "S104": "unknownKey",
        "S105": "wrongType", "S106": "invalidValue", "S107": "outOfRange", "S108": "conflictingFields",
        "S109": "reserved",
        "S201": "duplicateName", "S202": "nameConflict", "S203": "danglingReference", "S204": "ambiguousReference",
        "S205": "hostPortTaken", "S206": "capacityExceeded", "S207": "conflictingAutoscalers",
        "S208": "limitOverCeiling",
        "S209": "quotaExceeded", "S210": "undefinedVariable", "S211": "invalidOverlayTarget",
        "S212": "contradictingPolicies", "S213": "circularDependency",
        "S301": "selectorMatchesNothing", "S302": "unusedObject", "S303": "notYetEnforced", "S304": "syscallElsewhere",
        "S305": "unknownAnnotation", "S306": "budgetWithoutRoom",
        "S401": "unknownSyscall", "S402": "profileTooSmall", "S403": "hostBitsInCIDR", "S404": "allowInBlockedRange",
        "S501": "windowNeverOpens", "S502": "unknownTimeZone", "S503": "invalidCron", "S504": "invalidRecurrence",
    ]

    @Test("no number moves, and none is without a place in the table")
    func numbers() {
        let current = Diagnostic.Code.allCases.map { ($0.rawValue, "\($0)") }
        #expect(Dictionary(current) { first, _ in first } == Self.released)
    }

    @Test("numbers are a letter and three digits, in the order of the table", arguments: Diagnostic.Code.allCases)
    func grammar(code: Diagnostic.Code) {
        #expect(code.rawValue.wholeMatch(of: /S[0-5][0-9][0-9]/) != nil)
        let numbers = Diagnostic.Code.allCases.map(\.rawValue)
        #expect(numbers == numbers.sorted())
    }

    @Test("errors are outside the three hundreds, and only errors are", arguments: Diagnostic.Code.allCases)
    func severities(code: Diagnostic.Code) {
        #expect((code.area == .advice) == (code.severity != .error))
        let place = SourcePosition(file: "a.yaml", line: 1, column: 1)
        #expect(Diagnostic(code, at: place, "m").severity == code.severity)
    }

    @Test("every area has its hundreds")
    func areas() {
        let firsts = Diagnostic.Area.allCases.map { area in
            Diagnostic.Code.allCases.first { $0.area == area }?.rawValue.prefix(2)
        }
        #expect(firsts == ["S0", "S1", "S2", "S3", "S4", "S5"])
    }

    @Test("explanations are sentences, and titles are not", arguments: Diagnostic.Code.allCases)
    func prose(code: Diagnostic.Code) {
        let explanation = code.explanation
        #expect(!explanation.title.isEmpty && !explanation.title.hasSuffix("."))
        #expect(explanation.title.count <= 60)
        for text in [explanation.meaning, explanation.reason] {
            #expect(text.hasSuffix(".") && (text.first?.isUppercase == true || text.hasPrefix("`")), "\(text)")
            #expect(!text.contains("\n"))
        }
    }

    @Test("no two codes have one title")
    func titles() {
        let titles = Diagnostic.Code.allCases.map(\.explanation.title)
        #expect(Set(titles).count == titles.count)
    }
}

@Suite("Examples of explanations do what they say")
struct ExplanationExampleTests {
    /// What no small snippet can show: it is about files, or about what the program cannot do.
    private static let withoutExample: Set<Diagnostic.Code> = [.unreadable, .notYetEnforced]

    private static var checked: [Diagnostic.Code] {
        Diagnostic.Code.allCases.filter { !withoutExample.contains($0) && !Diagnostic.Code.withoutCheck.contains($0) }
    }

    private func findings(_ example: Diagnostic.Explanation.Example) -> [Diagnostic] {
        var files = [SpecFile(path: "example.yaml", bytes: example.bytes)]
        if !example.text.contains("kind: HostPool") {
            files.append(SpecFile(path: "assumed.yaml", bytes: Array(Diagnostic.Explanation.assumed.utf8)))
        }
        // Examples show what the language means, which this version need not carry out.
        return SpecLoader.validate(files).diagnostics.filter { $0.code != .notYetEnforced }
    }

    @Test("the wrong one yields this code and no other", arguments: checked)
    func wrong(code: Diagnostic.Code) throws {
        let found = findings(try #require(code.explanation.wrong))
        #expect(Set(found.map(\.code)) == [code], "\(found)")
    }

    @Test("the right one yields nothing", arguments: checked)
    func right(code: Diagnostic.Code) throws {
        // What a bound is about has no counterpart that is small and right.
        if code == .limitExceeded { return }
        let found = findings(try #require(code.explanation.right))
        #expect(found.isEmpty, "\(found)")
    }

    @Test("a code that is reported is not on the list of those without a check", arguments: Diagnostic.Code.allCases)
    func withoutCheck(code: Diagnostic.Code) {
        guard Diagnostic.Code.withoutCheck.contains(code), let wrong = code.explanation.wrong else { return }
        #expect(!findings(wrong).contains { $0.code == code }, "take it off Diagnostic.Code.withoutCheck")
    }

    @Test("codes without a check have an example all the same, for those who write the check")
    func reserved() {
        for code in Diagnostic.Code.withoutCheck.subtracting(Self.withoutExample) {
            #expect(code.explanation.wrong != nil && code.explanation.right != nil, "\(code)")
        }
    }

    @Test("an escape stands for one byte")
    func escapes() {
        let code = Diagnostic.Code.invalidEncoding
        #expect(code.explanation.wrong?.bytes.starts(with: Array("# caf".utf8) + [0xE9, 0x0A]) == true)
        #expect(Diagnostic.Code.tabIndentation.explanation.wrong?.bytes.contains(0x09) == true)
    }
}
