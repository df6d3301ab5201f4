import Testing

@testable import Specs

@Suite("Definitions say everything that schema, reference and explain show")
struct DefinitionTests {
    private static let fields = KindDefinition.all.flatMap { $0.fields() } + KindDefinition.metadataFields

    @Test("every field says where it is enforced, or all fields in it do")
    func enforcement() {
        for kind in KindDefinition.all {
            for place in kind.fields() where place.enforcement == .inherited {
                #expect(place.isAnsweredByItsFields, "\(kind.kind).\(place.path)")
            }
        }
        for place in KindDefinition.metadataFields { #expect(place.enforcement != .inherited, "\(place.path)") }
    }

    @Test("every sentence about a field is one")
    func sentences() {
        for place in Self.fields {
            #expect(place.field.summary.hasSuffix("."), "\(place.path): \(place.field.summary)")
            #expect(place.field.whenLeftOut?.hasSuffix(".") != true, "\(place.path)")
        }
    }

    @Test("one name is one object")
    func names() {
        var known: [String: [String]] = [:]
        for object in Self.fields.flatMap(\.field.type.objects) {
            let fields = object.fields.map { "\($0.name) \($0.type.name) \($0.defaultText ?? "")" }
            #expect(known.updateValue(fields, forKey: object.name) ?? fields == fields, "\(object.name)")
        }
        #expect(known.count > 50)
    }

    @Test("rules speak of fields that are there")
    func rules() {
        for object in Self.fields.flatMap(\.field.type.objects) + KindDefinition.all.map({ $0.spec.load() }) {
            let names = Set(object.fields.map(\.name))
            let spoken =
                object.exactlyOneOf.flatMap { $0 } + object.atMostOneOf.flatMap { $0 }
                + object.conditions.flatMap { ($0.when + $0.then).flatMap(\.names) }
            #expect(names.isSuperset(of: spoken), "\(object.name)")
        }
    }

    @Test("a pattern matches what its rule allows, the example before all")
    func patterns() throws {
        for text in Self.fields.flatMap({ $0.field.type.texts }) {
            guard let pattern = text.pattern else { continue }
            let regex = try Regex(pattern)
            for candidate in Self.candidates + [text.example ?? "a"] {
                guard text.allows?(candidate) ?? (candidate == text.example) else { continue }
                #expect(candidate.firstMatch(of: regex) != nil, "'\(candidate)' is \(text.expected), \(pattern)")
            }
            if let example = text.example { #expect(text.allows?(example) ?? true) }
        }
    }

    private static let candidates = [
        "a", "web", "web-1", "a.b.c", "A_b", "tier", "example.com/tier", "0", "1000", "1000:1000", "app:app", "_x",
        ".x", "-x",
        "nginx", "nginx:1.27", "localhost/a__b--c.d_e", "localhost:5000/a/b", "r.example.com:443/team/app:V1.2_x-y",
        "[::1]:80/x", "a@sha256:" + String(repeating: "a", count: 64), "/", "/data", "/.x", "/..x/...", "/a/.b",
        "/proc1",
        "/var/libs", "/devices/x", "/srv/docker.sock.d", "127.0.0.1", "0.0.0.0", "0-3", "0,2,4-7", "Asia/Tokyo",
        "Etc/GMT+9", "UTC", "NET_RAW", "ALL", "profiles/sandbox.json", "..x", "/dev/sda", "openat", "_llseek",
    ]

    @Test("patterns of quantities agree with the parser, within what a pattern can know", arguments: QuantityCase.all)
    func quantities(_ item: QuantityCase) throws {
        let description = QuantityDescription(unit: item.unit, lowest: item.lowest, highest: item.highest)
        let regex = try Regex(try #require(QuantityPattern(description)).text)
        for text in item.right { #expect(text.wholeMatch(of: regex) != nil, "\(text)") }
        for text in item.wrong { #expect(text.wholeMatch(of: regex) == nil, "\(text)") }
    }
}

struct QuantityCase: Sendable {
    var unit: QuantityDescription.Unit
    var lowest: String
    var highest: String
    var right: [String]
    var wrong: [String]

    static let all = [
        QuantityCase(
            unit: .duration, lowest: "1s", highest: "24h",
            right: ["1s", "1000ms", "24h", "1440m", "90s", "1h30m", "0h1s", "1.5h", "23.99h", "0.5h500ms", "1s0ns"],
            wrong: [
                "0s", "999ms", "999.9ms", "25h", "1441m", "10", "1d", "-1s", "01s", "0h0m", "1h 30m", ".5h", "100ns",
            ]),
        QuantityCase(
            unit: .duration, lowest: "0s", highest: "1h", right: ["0s", "0h", "1h", "60m", "3600s"],
            wrong: ["2h", "61m", "0", "h"]),
        QuantityCase(
            unit: .percent, lowest: "0.01%", highest: "50%", right: ["0.01%", "50%", "0.5%", "50.00%", "1.230%"],
            wrong: ["0%", "0.00%", "51%", "100%", "0.001%", "20", "20 %", "05%"]),
        QuantityCase(
            unit: .bytes, lowest: "6Mi", highest: "64Ti",
            right: ["6Mi", "64Ti", "6291456", "6144Ki", "6.5M", "0.05G", "1.5Gi", "0.00001E"],
            wrong: ["5Mi", "6143Ki", "65Ti", "1P", "6MiB", "6K", "6m", "0", "1e9", "06Mi", "6Mi "]),
        QuantityCase(
            unit: .cpus, lowest: "10m", highest: "10000",
            right: ["10m", "0.01", "1.5", "500m", "10000", "0.010000000", "12.5m"],
            wrong: ["9m", "9.9m", "0", "0m", "100000", "1.0000000001", "1 m", "1cpu", "00.5"]),
    ]
}

extension FieldState {
    fileprivate var names: [String] {
        switch self {
        case .isWritten(let name), .isLeftOut(let name), .isFilled(let name), .takes(let name, _): [name]
        case .has(let path, _): [String(path.prefix { $0 != "." })]
        case .any(let states): states.flatMap(\.names)
        }
    }
}

extension TypeDescription {
    /// The rules for text in it, but not inside objects.
    fileprivate var texts: [TextDescription] {
        switch self {
        case .string(let text): [text]
        case .list(let item, _, _): item.texts
        case .map(let keys, let values): [keys] + values.texts
        case .either(let types): types.flatMap(\.texts)
        default: []
        }
    }
}
