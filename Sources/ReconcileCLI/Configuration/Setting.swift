import Specs

/// One setting, declared once: file, environment and flags are read by it, and help and documentation are made of it.
///
/// A new one is a stored property with its default, and a `Setting` beside it in the list of its section.
struct Setting<Root: Sendable>: Sendable {
    /// As in the file, with dots between section and key: `source.interval`.
    let key: String
    let type: TypeDescription
    /// One or two sentences.
    let summary: String
    /// What holds without it, where that is not one value.
    let whenLeftOut: String?
    let flag: SettingFlag?
    /// A variable of other programs that means the same; our own wins over it.
    let alias: String?
    /// Reads a value into the root; false after reporting what is wrong.
    let read: @Sendable (Field, inout Root) -> Bool
    /// What the root says, as YAML on one line; a map has one entry for each of its keys, and nil has none.
    let entries: @Sendable (Root) -> [SettingEntry]

    /// A setting with a default, which is the one of the blank root.
    init<Value: Sendable>(
        _ key: String, _ place: any WritableKeyPath<Root, Value> & Sendable, _ type: ValueType<Value>,
        _ summary: String, whenLeftOut: String? = nil, flag: SettingFlag? = nil, alias: String? = nil
    ) {
        self.init(
            key: key, type: type.description, summary: summary, whenLeftOut: whenLeftOut, flag: flag, alias: alias,
            read: { field, root in
                guard let value = type.decode(field) else { return false }
                root[keyPath: place] = value
                return true
            },
            entries: { root in type.text(root[keyPath: place]).map { [SettingEntry(key: "", text: $0)] } ?? [] })
    }

    /// A setting that may be nothing at all.
    init<Value: Sendable>(
        _ key: String, _ place: any WritableKeyPath<Root, Value?> & Sendable, _ type: ValueType<Value>,
        _ summary: String, whenLeftOut: String? = nil, flag: SettingFlag? = nil, alias: String? = nil
    ) {
        let optional = ValueType<Value?>(
            type.description, decode: { type.decode($0).map { .some($0) } }, text: { $0.flatMap { type.text($0) } })
        self.init(key, place, optional, summary, whenLeftOut: whenLeftOut, flag: flag, alias: alias)
    }

    /// A map of text, to which each layer adds its own keys.
    init(
        _ key: String, merged place: any WritableKeyPath<Root, [String: String]> & Sendable,
        _ type: ValueType<[String: String]>, _ summary: String, whenLeftOut: String? = nil, flag: SettingFlag? = nil
    ) {
        self.init(
            key: key, type: type.description, summary: summary, whenLeftOut: whenLeftOut, flag: flag, alias: nil,
            read: { field, root in
                guard let value = type.decode(field) else { return false }
                root[keyPath: place].merge(value) { _, new in new }
                return true
            },
            entries: { root in
                root[keyPath: place].sorted { $0.key < $1.key }.map {
                    SettingEntry(key: "." + $0.key, text: ValueType.string.text($0.value) ?? "")
                }
            })
    }

    private init(
        key: String, type: TypeDescription, summary: String, whenLeftOut: String?, flag: SettingFlag?, alias: String?,
        read: @escaping @Sendable (Field, inout Root) -> Bool, entries: @escaping @Sendable (Root) -> [SettingEntry]
    ) {
        self.key = key
        self.type = type
        self.summary = summary
        self.whenLeftOut = whenLeftOut
        self.flag = flag
        self.alias = alias
        self.read = read
        self.entries = entries
    }

    /// The same setting of a larger configuration, in a section of its file.
    func embedded<Outer: Sendable>(
        in section: String, at place: any WritableKeyPath<Outer, Root> & Sendable
    ) -> Setting<Outer> {
        let (read, entries) = (read, entries)
        return Setting<Outer>(
            key: "\(section).\(key)", type: type, summary: summary, whenLeftOut: whenLeftOut, flag: flag, alias: alias,
            read: { field, outer in read(field, &outer[keyPath: place]) }, entries: { entries($0[keyPath: place]) })
    }
}

/// One value in force.
struct SettingEntry: Hashable, Sendable {
    /// What follows the key of the setting: empty, or `.zone` for the key of a map.
    var key: String
    /// YAML on one line.
    var text: String

    /// Text without the quotes that only YAML needs.
    var plain: String {
        guard case .string(let text) = JSON(yaml: text) else { return text }
        return text.isEmpty ? "\"\"" : text
    }
}

extension Array {
    /// The settings of one section of a larger configuration.
    func embedded<Outer: Sendable, Root: Sendable>(
        in section: String, at place: any WritableKeyPath<Outer, Root> & Sendable
    ) -> [Setting<Outer>] where Element == Setting<Root> {
        map { $0.embedded(in: section, at: place) }
    }
}

extension Setting {
    /// Its variable in the environment: `RECONCILE_SOURCE_INTERVAL` for `source.interval`.
    var variable: String {
        var name = "RECONCILE_"
        for character in key {
            if character.isUppercase { name += "_" }
            name += character == "." ? "_" : character.uppercased()
        }
        return name
    }

    /// What holds when nobody says anything: the default, or words; nil where nothing does.
    func defaultWords(_ blank: Root, quote: (String) -> String = { $0 }) -> String? {
        whenLeftOut ?? entries(blank).first.map { quote($0.plain) }
    }
}
