import Specs
import Testing

@Suite("Scalars follow the core schema of YAML 1.2, or are stricter")
struct YAMLScalarTests {
    @Test(
        "plain text has one meaning",
        arguments: [
            ("", .null), ("~", .null), ("null", .null), ("Null", .null), ("NULL", .null), ("nULL", .string),
            ("true", .bool(true)), ("false", .bool(false)), ("True", .string), ("yes", .string), ("no", .string),
            ("on", .string), ("y", .string), ("0", .integer(0)), ("-0", .integer(0)), ("+7", .integer(7)),
            ("-42", .integer(-42)), ("0x1F", .integer(31)), ("0xfF", .integer(255)), ("0o17", .integer(15)),
            ("0o18", .string), ("0xg", .string), ("0x", .string), ("-0x1", .string), ("0b1", .string),
            ("022", .leadingZero), ("-01", .leadingZero), ("00", .leadingZero), ("1_000", .string),
            ("22:30", .string), ("1.2.3", .string), ("9223372036854775807", .integer(.max)),
            ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .hugeInteger),
            ("0xFFFFFFFFFFFFFFFFF", .hugeInteger), ("3.0", .float), ("3e0", .float), ("1e3", .float), (".5", .float),
            ("5.", .float), ("+.inf", .float), (".nan", .float), (".", .string), ("-", .string), ("+", .string),
            ("1e", .string), ("1e+", .string), ("e3", .string), ("12a", .string), ("2024-01-01", .string),
        ] as [(String, YAMLScalar.Value)])
    func plain(text: String, value: YAMLScalar.Value) {
        #expect(YAMLScalar(text).value == value)
    }

    @Test("quoted text is always a string", arguments: ["", "1", "true", "null", "022", "~", "1e3"])
    func quoted(text: String) {
        for style in [YAMLScalar.Style.singleQuoted, .doubleQuoted, .literal, .folded] {
            #expect(YAMLScalar(text, style: style).value == .string)
        }
    }

    @Test("a tag decides before the style does")
    func tagged() {
        #expect(YAMLScalar("1", tag: .str).value == .string)
        #expect(YAMLScalar("1", style: .doubleQuoted, tag: .int).value == .integer(1))
    }
}
