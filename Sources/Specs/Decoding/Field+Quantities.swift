extension Field {
    /// CPU time within a range, such as `500m` or `2`.
    package func cpus(in range: ClosedRange<CPUQuantity>) -> CPUQuantity? {
        quantity(in: range, "an amount of CPU time such as 500m or 1.5", CPUQuantity.parse)
    }

    /// Memory or storage within a range, such as `512Mi` or `4Gi`.
    package func bytes(in range: ClosedRange<ByteQuantity>) -> ByteQuantity? {
        quantity(in: range, "an amount of bytes such as 512Mi or 4Gi", ByteQuantity.parse)
    }

    /// A length of time within a range, such as `90s` or `1h30m`.
    package func duration(in range: ClosedRange<Duration>) -> Duration? {
        quantity(in: range, "a duration such as 90s or 1h30m", Duration.parse)
    }

    /// A share such as `20%` or `0.5%`.
    package func percent(in range: ClosedRange<Percentage>) -> Percentage? {
        quantity(in: range, "a percentage such as 20%", Percentage.parse)
    }

    private func quantity<T: Comparable & QuantityText>(
        in range: ClosedRange<T>, _ expected: String, _ parse: (String) throws(QuantityError) -> T
    ) -> T? {
        guard let text = quantityText(expected) else { return nil }
        do throws(QuantityError) {
            let value = try parse(text)
            if range.contains(value) { return value }
        } catch {
            if let problem = error.problem {
                let message = "\(name) must be \(expected), not \(Diagnostic.quote(text))"
                report(.invalidValue, message, hint: problem)
                return nil
            }
        }
        let (low, high) = (range.lowerBound.quantityText, range.upperBound.quantityText)
        report(.outOfRange, "\(name) must be \(low) to \(high), not \(Diagnostic.quote(text))")
        return nil
    }

    /// Numbers come plain and amounts with a unit are strings to YAML, so both are taken as they were written.
    private func quantityText(_ expected: String) -> String? {
        if case .scalar(let scalar) = node.content {
            switch scalar.value {
            case .string, .integer, .hugeInteger, .leadingZero, .float: return scalar.text
            case .null, .bool: break
            }
        }
        reportWrongType(expected)
        return nil
    }
}

/// The spelling of a quantity in messages.
package protocol QuantityText {
    var quantityText: String { get }
}

extension CPUQuantity: QuantityText {
    package var quantityText: String { description }
}

extension ByteQuantity: QuantityText {
    package var quantityText: String { description }
}

extension Percentage: QuantityText {
    package var quantityText: String { description }
}

extension Duration: QuantityText {
    package var quantityText: String { goText }
}
