/// One field of a map: its name, its type, its place in the Swift value, and all that is said about it.
package struct FieldDefinition<Root: Sendable>: Sendable {
    /// Reads the field into the root; false after reporting what is wrong.
    let read: @Sendable (FieldReader, inout Root) -> Bool
    /// Described when somebody asks, not for every decoding.
    let describe: @Sendable (Root) -> FieldDescription
    let name: String
    /// Whether it is looked at even where it was left out.
    let isRequired: Bool

    /// A field that may be left out; the value it has then is the one of the blank root.
    package static func field<Value: Equatable & Sendable>(
        _ name: String, _ place: any WritableKeyPath<Root, Value> & Sendable, _ type: ValueType<Value>,
        _ summary: String, whenLeftOut: String? = nil, _ enforcement: Enforcement = .inherited,
        since: String = "0.1"
    ) -> Self {
        Self(
            read: { reader, root in
                guard let field = reader[name] else { return true }
                guard let value = type.decode(field) else { return false }
                if enforcement == .notYet, root[keyPath: place] != value { field.context.recordUnenforced(field) }
                root[keyPath: place] = value
                return true
            },
            describe: { blank in
                let text = whenLeftOut == nil ? type.text(blank[keyPath: place]) : nil
                return FieldDescription(
                    name: name, type: type.description, isRequired: false, defaultText: text,
                    whenLeftOut: whenLeftOut ?? (text == nil ? "the defaults of its fields" : nil), summary: summary,
                    since: since, enforcement: enforcement)
            }, name: name, isRequired: false)
    }

    /// A field that may be left out and is nil then.
    package static func field<Value: Equatable & Sendable>(
        _ name: String, _ place: any WritableKeyPath<Root, Value?> & Sendable, _ type: ValueType<Value>,
        _ summary: String, whenLeftOut: String? = nil, _ enforcement: Enforcement = .inherited,
        since: String = "0.1"
    ) -> Self {
        Self(
            read: { reader, root in
                guard let field = reader[name] else { return true }
                guard let value = type.decode(field) else { return false }
                if enforcement == .notYet { field.context.recordUnenforced(field) }
                root[keyPath: place] = value
                return true
            },
            describe: { _ in
                FieldDescription(
                    name: name, type: type.description, isRequired: false, defaultText: nil,
                    whenLeftOut: whenLeftOut, summary: summary, since: since, enforcement: enforcement)
            }, name: name, isRequired: false)
    }

    /// A field that must be written.
    package static func required<Value: Sendable>(
        _ name: String, _ place: any WritableKeyPath<Root, Value> & Sendable, _ type: ValueType<Value>,
        _ summary: String, _ enforcement: Enforcement = .inherited, since: String = "0.1"
    ) -> Self {
        Self(
            read: { reader, root in
                guard let field = reader.required(name), let value = type.decode(field) else { return false }
                if enforcement == .notYet { field.context.recordUnenforced(field) }
                root[keyPath: place] = value
                return true
            },
            describe: { _ in
                FieldDescription(
                    name: name, type: type.description, isRequired: true, defaultText: nil, whenLeftOut: nil,
                    summary: summary, since: since, enforcement: enforcement)
            }, name: name, isRequired: true)
    }
}

extension FieldDefinition {
    /// A field that must be written, of a root that has no blank value for it.
    package static func required<Value: Sendable>(
        _ name: String, _ place: any WritableKeyPath<Root, Value?> & Sendable, _ type: ValueType<Value>,
        _ summary: String, _ enforcement: Enforcement = .inherited, since: String = "0.1"
    ) -> Self {
        let optional = ValueType<Value?>(
            type.description, decode: { type.decode($0).map { .some($0) } }, text: { $0.flatMap { type.text($0) } })
        return required(name, place, optional, summary, enforcement, since: since)
    }

    /// The same field of a larger map, in which the root is kept at `place`.
    func embedded<Outer: Sendable>(
        at place: any WritableKeyPath<Outer, Root> & Sendable
    ) -> FieldDefinition<Outer> {
        let (read, describe) = (read, describe)
        return FieldDefinition<Outer>(
            read: { reader, outer in read(reader, &outer[keyPath: place]) },
            describe: { describe($0[keyPath: place]) }, name: name, isRequired: isRequired)
    }
}

extension Array {
    /// The same fields of a larger map, in which their root is kept at `place`.
    func embedded<Outer: Sendable, Root: Sendable>(
        at place: any WritableKeyPath<Outer, Root> & Sendable
    ) -> [FieldDefinition<Outer>] where Element == FieldDefinition<Root> {
        map { $0.embedded(at: place) }
    }
}
