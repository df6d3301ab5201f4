/// Typed ways to read the fields of a case.
extension StepFields {
    /// The fields of a case, without those that say where it comes from.
    static func of(_ vector: VectorCase) -> StepFields {
        let fields = StepFields(vector.fields)
        for name in ["id", "kind", "upstream", "name", "group", "fn", "strategy"] { _ = fields[name] }
        return fields
    }

    /// A part that must be an object; of a list, with its index.
    func part(_ name: String) throws(VectorError) -> StepFields {
        guard let object = self[name]?.object else { throw VectorError("'\(name)' must be an object") }
        return StepFields(object)
    }

    /// The objects of a list; none where there is no list.
    func parts(_ name: String) throws(VectorError) -> [StepFields] {
        try list(name).map { (value) throws(VectorError) in
            guard let object = value.object else { throw VectorError("'\(name)' must hold objects, not \(value)") }
            return StepFields(object)
        }
    }

    func list(_ name: String) -> [JSONValue] { self[name]?.array ?? [] }

    func string(_ name: String) throws(VectorError) -> String {
        guard let value = self[name]?.string else { throw VectorError("'\(name)' must be text") }
        return value
    }

    func bool(_ name: String) throws(VectorError) -> Bool {
        guard let value = self[name]?.bool else { throw VectorError("'\(name)' must be true or false") }
        return value
    }

    func number(_ name: String) throws(VectorError) -> Double {
        guard let value = self[name]?.number else { throw VectorError("'\(name)' must be a number") }
        return value
    }

    func int64(_ name: String) throws(VectorError) -> Int64 {
        guard let value = self[name]?.int64 else { throw VectorError("'\(name)' must be a whole number") }
        return value
    }

    func optionalString(_ name: String) -> String? { self[name]?.string }
    func optionalNumber(_ name: String) -> Double? { self[name]?.number }
}

extension JSONValue {
    /// A whole number; what JSON's own numbers round up to 2^63 is the largest one.
    package var int64: Int64? {
        guard let number, number.rounded() == number, abs(number) <= 0x1p63 else { return nil }
        return number >= 0x1p63 ? .max : Int64(number)
    }
}
