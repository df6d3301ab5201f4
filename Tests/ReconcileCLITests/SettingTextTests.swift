import Specs
import Testing

@testable import ReconcileCLI

/// Settings as they are typed into variables and flags.
struct SettingTextTests {
    private static let place = SourcePosition(file: "X", line: 1, column: 1)

    /// What a type reads from text, or what it says against it.
    private func read<Value: Sendable>(_ type: ValueType<Value>, _ text: String) -> (Value?, String) {
        let node: YAMLNode
        do throws(InvalidText) {
            node = try type.description.node(text, at: Self.place)
        } catch {
            return (nil, "\(error)")
        }
        let context = DecodingContext()
        let value = type.decode(Field(node, in: context))
        return (value, context.diagnostics.map(\.message).joined(separator: "; "))
    }

    @Test(
        "text is taken as it is, whatever YAML would make of it",
        arguments: ["true", "123", "null", "~", "a: b", "#x", "'q'", "- a", "*alias", "[a", "{", "  ", "0x1"])
    func strings(text: String) { #expect(read(.string, text) == (text, "")) }

    @Test("numbers and booleans are such, and nothing else")
    func scalars() {
        #expect(read(.integer(in: 0...9), "7") == (7, ""))
        #expect(read(.integer(in: 0...9), "010").0 == nil)
        #expect(read(.boolean, "true") == (true, ""))
        #expect(read(.boolean, "yes").0 == nil && read(.boolean, "1").0 == nil)
        #expect(read(.duration(in: .zero ... .seconds(100)), "90s") == (.seconds(90), ""))
        #expect(read(.countOrPercent(), "7") == (.count(7), ""))
    }

    @Test(
        "lists are written with commas, or as YAML",
        arguments: [
            ("a", ["a"]), ("a,b", ["a", "b"]), (" a , b ", ["a", "b"]), ("a,,b,", ["a", "b"]),
            ("[a, 'b,c']", ["a", "b,c"]),
            ("[]", []), ("", []), ("true,1", ["true", "1"]),
        ])
    func lists(text: String, values: [String]) {
        let list: ValueType<[String]> = .list(of: .string)
        #expect(read(list, text) == (values, ""))
    }

    @Test("lists of numbers hold numbers")
    func numberLists() {
        let list: ValueType<[Int]> = .list(of: .integer(in: 1...65_535))
        #expect(read(list, "80,443") == ([80, 443], ""))
        #expect(read(list, "80,http").0 == nil)
        #expect(read(list, "80,0").1.contains("must be 1-65535"))
    }

    @Test(
        "maps are written with equals signs and commas, or as YAML; the last word counts",
        arguments: [
            ("a=1", ["a": "1"]), ("a=1,b=", ["a": "1", "b": ""]), ("a=1,a=2", ["a": "2"]), ("a=b=c", ["a": "b=c"]),
            ("{a: x, b: y}", ["a": "x", "b": "y"]), ("", [:]),
        ])
    func maps(text: String, values: [String: String]) {
        let map: ValueType<[String: String]> = .map(keys: .labelKey, values: .string)
        #expect(read(map, text) == (values, ""))
    }

    @Test(
        "what is neither is said",
        arguments: [
            ("a", "must be written key=value, not 'a'"), ("=a", "must be written key=value, not '=a'"),
            ("{a: [}", "is not YAML: "), ("{a: x}\n---\n{b: y}", "must be one value"),
        ])
    func mistakes(text: String, message: String) {
        let map: ValueType<[String: String]> = .map(keys: .labelKey, values: .string)
        let (value, said) = read(map, text)
        #expect(value == nil && said.hasPrefix(message), "\(said)")
    }
}
