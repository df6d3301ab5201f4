extension Field {
    /// Text, quoted or plain; plain text that YAML reads as a number, boolean or null is a wrong type.
    package func string() -> String? {
        guard case .scalar(let scalar) = node.content else {
            reportWrongType("a string")
            return nil
        }
        guard scalar.value == .string else {
            reportWrongType("a string", hint: scalar.text.isEmpty ? nil : "put it in quotes")
            return nil
        }
        return scalar.text
    }

    /// Text that a rule allows.
    package func string(_ rule: TextRule) -> String? {
        string().flatMap { checked($0, rule) }
    }

    /// Any scalar but null, as it was written: `DEBUG: true` is `true`, `PORT: 0123` is `0123`.
    package func writtenText() -> String? {
        guard case .scalar(let scalar) = node.content else {
            reportWrongType("a string")
            return nil
        }
        if scalar.value == .null {
            report(.wrongType, "\(name) has no value", hint: "write \"\" for an empty string")
            return nil
        }
        return scalar.text
    }

    /// A string or an integer, as it was written, that a rule allows.
    package func stringOrInteger(_ rule: TextRule) -> String? {
        guard case .scalar(let scalar) = node.content, case .integer = scalar.value else { return string(rule) }
        return checked(scalar.text, rule)
    }

    /// An integer, written without quotes.
    package func integer<T: FixedWidthInteger>(in range: ClosedRange<T>) -> T? {
        guard case .scalar(let scalar) = node.content else {
            reportWrongType("an integer")
            return nil
        }
        switch scalar.value {
        case .integer(let value):
            if let value = T(exactly: value), range.contains(value) { return value }
        case .hugeInteger: break
        default:
            reportWrongType("an integer", hint: integerHint(scalar))
            return nil
        }
        let allowed =
            range.upperBound == T(exactly: Int64.max)
            ? "\(range.lowerBound) or more" : "\(range.lowerBound)-\(range.upperBound)"
        report(.outOfRange, "\(name) must be \(allowed), not \(Diagnostic.quote(scalar.text))")
        return nil
    }

    /// A decimal number, written without quotes; not a number and infinities are out of every range.
    package func number(in range: ClosedRange<Double>) -> Double? {
        guard case .scalar(let scalar) = node.content else {
            reportWrongType("a number")
            return nil
        }
        switch scalar.value {
        case .integer, .float, .hugeInteger:
            if let value = Double(scalar.text), range.contains(value) { return value }
            let (low, high) = (Self.shown(range.lowerBound), Self.shown(range.upperBound))
            report(.outOfRange, "\(name) must be \(low) to \(high), not \(Diagnostic.quote(scalar.text))")
        default: reportWrongType("a number", hint: Double(scalar.text) == nil ? nil : "remove the quotes")
        }
        return nil
    }

    private static func shown(_ value: Double) -> String {
        Int64(exactly: value).map { String($0) } ?? String(value)
    }

    /// `true` or `false`, written without quotes.
    package func boolean() -> Bool? {
        if case .scalar(let scalar) = node.content, case .bool(let value) = scalar.value { return value }
        reportWrongType("true or false")
        return nil
    }

    /// One of the raw values of an enumeration.
    package func choice<T: RawRepresentable<String> & CaseIterable>(_ type: T.Type = T.self) -> T? {
        guard let text = string() else { return nil }
        if let value = T(rawValue: text) { return value }
        let allowed = T.allCases.map(\.rawValue)
        report(
            .invalidValue, "\(name) must be \(Diagnostic.list(allowed)), not \(Diagnostic.quote(text))",
            hint: NearestName.hint(for: text, among: allowed))
        return nil
    }

    /// One of some kinds.
    func choice(among kinds: [ResourceKind]) -> ResourceKind? {
        guard let text = string() else { return nil }
        if let kind = kinds.first(where: { $0.rawValue == text }) { return kind }
        let allowed = kinds.map(\.rawValue)
        report(
            .invalidValue, "\(name) must be \(Diagnostic.list(allowed)), not \(Diagnostic.quote(text))",
            hint: NearestName.hint(for: text, among: allowed))
        return nil
    }

    private func checked(_ text: String, _ rule: TextRule) -> String? {
        if rule.allows(text) { return text }
        report(rule.code, "\(name) must be \(rule.expected), not \(Diagnostic.quote(text))", hint: rule.hint)
        return nil
    }

    private func integerHint(_ scalar: YAMLScalar) -> String? {
        switch scalar.value {
        case .leadingZero:
            let digits = scalar.text.drop { $0 == "0" }
            return digits.isEmpty ? "write 0" : "write \(digits), or 0o\(digits) for octal"
        case .string where scalar.style != .plain && Int64(scalar.text) != nil: return "remove the quotes"
        case .string where scalar.text.contains("_"): return "write it without '_'"
        default: return nil
        }
    }
}
