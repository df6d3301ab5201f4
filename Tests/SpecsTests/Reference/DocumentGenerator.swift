@testable import Specs

/// Writes documents by the descriptions of the kinds: most of their values are right, most documents are not.
struct DocumentGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// A document of this kind, with some of its optional fields.
    mutating func document(of kind: KindDefinition) -> JSON { object(kind.document, depth: 0) }

    private mutating func object(_ object: ObjectDescription, depth: Int) -> JSON {
        var members: [JSON.Member] = []
        // Of fields that exclude each other one is enough, and the deeper the fewer.
        let chosen = object.exactlyOneOf.compactMap { one(of: $0) }
        for field in object.fields {
            let isExclusive = object.exactlyOneOf.contains { $0.contains(field.name) }
            let isWanted = isExclusive ? chosen.contains(field.name) : chance(depth > 3 ? 8 : 4)
            guard field.isRequired || isWanted, !chance(200) else { continue }
            members.append(JSON.Member(field.name, value(field.type, depth: depth + 1)))
        }
        repair(&members, of: object, depth: depth)
        return .object(members)
    }

    /// Adds what the rules need and takes out what they forbid, mostly.
    private mutating func repair(_ members: inout [JSON.Member], of object: ObjectDescription, depth: Int) {
        for condition in object.conditions
        where !chance(20) && condition.when.allSatisfy({ holds($0, object, members) }) {
            for state in condition.then {
                switch state {
                case .isLeftOut(let name): members.removeAll { $0.key == name }
                case .isWritten(let name), .isFilled(let name), .takes(let name, _):
                    write(name, state, object, &members)
                case .any(let states): states.first.map { write($0.name, $0, object, &members) }
                case .has: break
                }
            }
        }
    }

    private mutating func write(
        _ name: String, _ state: FieldState, _ object: ObjectDescription, _ members: inout [JSON.Member]
    ) {
        guard let field = object.fields.first(where: { $0.name == name }) else { return }
        let index = members.firstIndex { $0.key == name }
        if case .takes(_, let type) = state {
            if let index { members[index].value = value(type, depth: 4) }
        } else if index == nil {
            members.append(JSON.Member(name, value(field.type, depth: 4)))
        }
    }

    private func holds(_ state: FieldState, _ object: ObjectDescription, _ members: [JSON.Member]) -> Bool {
        let written = members.first { $0.key == state.name }?.value
        switch state {
        case .has(let name, let values):
            let value = written ?? object.fields.first { $0.name == name }?.defaultText.flatMap { JSON(yaml: $0) }
            return values.contains { JSON(yaml: $0) == value }
        default: return written != nil
        }
    }

    private mutating func value(_ type: TypeDescription, depth: Int) -> JSON {
        if chance(60) { return .string("${{ name }}") }
        switch type {
        case .string(let text):
            return .string(text.example ?? one(of: ["web", "sandbox", "a b", "", "10.0.0.1"]) ?? "")
        case .scalar: return one(of: ["text", true, 3, .number(0.5)]) ?? .null
        case .integer(let range):
            let values = [range.lowerBound, range.upperBound, 1, 2, 3].filter { range.contains($0) }
            return .integer(one(of: values) ?? 0)
        case .number(let range):
            let values = [range.lowerBound, range.upperBound, 0.5, 1, 2].filter { range.contains($0) }
            return .number(one(of: values) ?? 0)
        case .boolean: return .boolean(chance(2))
        case .choice(let choices): return .string(one(of: choices.map(\.word)) ?? "")
        case .quantity(let quantity): return amount(quantity)
        case .list(let item, let counts, _):
            let count = max(counts.lowerBound, chance(3) ? 2 : 1)
            return .array((0..<count).map { _ in value(item, depth: depth) })
        case .map(let keys, let values):
            return .object([JSON.Member(keys.example ?? "key", value(values, depth: depth))])
        case .object(let provider): return object(provider.load(), depth: depth)
        case .either(let types): return one(of: types).map { value($0, depth: depth) } ?? .null
        case .anything: return ["spec": ["replicas": 2]]
        }
    }

    private static let amounts: [QuantityDescription.Unit: [String]] = [
        .cpus: ["500m", "1.5", "2", "10m", "0.01", "0.010", "1000", "10000", "0.000000001", "1.5m", "0"],
        .bytes: ["6Mi", "4Gi", "1.5Gi", "64Ti", "512", "0.5", "6291456", "6144Ki", "6.5M", "1E", "0.001E", "5999k"],
        .duration: [
            "90s", "1h30m", "0s", "1ms", "24h", "0.5h", "1440m", "720h", "100ms", "0.1s", "1000000us", "1s1ns",
        ],
        .percent: ["20%", "0%", "100%", "0.01%", "99.99%", "0.5%", "50.0%", "99.990%", "1000%"],
    ]

    /// Numbers without quotes where the unit has any.
    private mutating func amount(_ quantity: QuantityDescription) -> JSON {
        let text =
            chance(2) ? one(of: [quantity.lowest, quantity.highest]) : one(of: Self.amounts[quantity.unit] ?? [])
        return text.map { chance(2) ? .string($0) : JSON(yaml: $0) ?? .string($0) } ?? .null
    }

    private mutating func one<T>(of items: [T]) -> T? { items.isEmpty ? nil : items[Int(next() % UInt64(items.count))] }
    private mutating func chance(_ of: UInt64) -> Bool { next() % of == 0 }

    /// SplitMix64 (Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators").
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

extension FieldState {
    /// The field that it is about; the first of several.
    fileprivate var name: String {
        switch self {
        case .isWritten(let name), .isLeftOut(let name), .isFilled(let name), .takes(let name, _): name
        case .has(let path, _): String(path.prefix { $0 != "." })
        case .any(let states): states.first?.name ?? ""
        }
    }
}
