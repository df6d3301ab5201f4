/// Metrics in Prometheus' text format, version 0.0.4.
///
/// Source: "Exposition formats" of the documentation of Prometheus.
package enum PrometheusText {
    /// - Parameter families: each name once; a family without series is left out.
    package static func text(_ families: [MetricFamily]) -> String {
        var text = ""
        text.reserveCapacity(64 << 10)
        for family in families where !family.samples.isEmpty {
            text += "# HELP \(family.name) \(escaped(family.help, quotes: false))\n"
            text += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for sample in family.samples { add(sample, of: family.name, to: &text) }
        }
        return text
    }

    private static func add(_ sample: MetricFamily.Sample, of name: String, to text: inout String) {
        text += name
        text += sample.suffix
        if !sample.labels.isEmpty {
            text += "{"
            for (index, label) in sample.labels.enumerated() {
                if index > 0 { text += "," }
                text += label.name
                text += "=\""
                text += escaped(label.value, quotes: true)
                text += "\""
            }
            text += "}"
        }
        text += " "
        text += number(sample.value)
        text += "\n"
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return Int64(exactly: value).map { String($0) } ?? String(value)
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == 10 || $0 == UInt8(ascii: "\"") }) else {
            return text
        }
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"": result += quotes ? "\\\"" : "\""
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
