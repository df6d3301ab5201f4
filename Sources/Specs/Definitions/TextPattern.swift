/// Regular expressions of the small languages that fields take, for the schema.
///
/// Each is within the common subset of ECMA-262 and Swift, and takes at least what the parser of its language takes.
enum TextPattern {
    static let date = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
    static let time = "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?"
    static let dateTime = "\(date)T\(time)"

    static let ipv4 = "\(byte)(\\.\(byte)){3}"
    static let address = "\(ipv4)|\(ipv6)"
    static let range = "\(ipv4)/(\(DecimalPattern.whole(upTo: 32)))|\(ipv6)/(\(DecimalPattern.whole(upTo: 128)))"

    private static let byte = "(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
    private static let ipv6 = "[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*"

    private static let port = "([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"
    static let ports = "^\(port)(-\(port))?(/(tcp|udp))?$"
    static let containerPort = "^0*\(port)/(tcp|udp|sctp)$"

    private static let label = "[A-Za-z0-9_]([-A-Za-z0-9_]{0,61}[A-Za-z0-9_])?"
    static let dnsName = "^(\\*\\.)?(\(label)\\.)*(?![0-9]+\\.?$)\(label)\\.?$"
}

extension TextPattern {
    /// As `ImageReference` reads it.
    static let image =
        "^(\(domain)/)?\(component)(/\(component))*(:[A-Za-z0-9_][-A-Za-z0-9_.]{0,127})?"
        + "(@sha256:[a-f0-9]{64})?$"

    private static let domain = "(\(host)(\\.\(host))*|\\[[0-9a-f:]+\\])(:[0-9]+)?"
    private static let host = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
    private static let component = "[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*"
}

extension TextPattern {
    /// Five fields with blanks between, or a descriptor.
    static let cron: String = {
        let days = Weekday.allCases.map(\.cronName)
        let fields = [
            field(upTo: 59), field(upTo: 23), field(upTo: 31), field(upTo: 12, months), field(upTo: 6, days, nth: true),
        ]
        return "^ *" + fields.joined(separator: " +") + " *$|^@(hourly|daily|midnight|weekly|monthly|yearly|annually)$"
    }()

    private static let months = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]

    private static func field(upTo most: UInt64, _ names: [String] = [], nth: Bool = false) -> String {
        let number = "0*(\(DecimalPattern.whole(upTo: most)))"
        let value = "(" + ([number] + names.map(eitherCase)).joined(separator: "|") + ")"
        let part = "([*?]|\(value)(-\(value))?)(/[0-9]+)?" + (nth ? "(#[1-5])?" : "")
        return "\(part)(,\(part))*"
    }

    private static func eitherCase(_ word: String) -> String {
        word.map { "[\($0)\($0.lowercased())]" }.joined()
    }

    /// The parts that `RecurrenceRule` knows, in any order, `FREQ` among them.
    static let recurrence: String = {
        let number = "[-+]?[0-9]{1,3}"
        let day = "(" + Weekday.allCases.map(\.recurrenceName).joined(separator: "|") + ")"
        let parts = [
            "FREQ=(" + RecurrenceRule.Frequency.allCases.map(\.rawValue).joined(separator: "|") + ")",
            "(INTERVAL|COUNT)=[0-9]{1,6}", "(BYMONTH|BYMONTHDAY|BYSETPOS)=\(number)(,\(number))*",
            "BYDAY=(\(number))?\(day)(,(\(number))?\(day))*", "UNTIL=[0-9]{8}(T[0-9]{6}Z?)?", "WKST=\(day)",
        ]
        let part = "(" + parts.joined(separator: "|") + ")"
        return "^(?=(.*;)?FREQ=)\(part)(;\(part))*$"
    }()
}
