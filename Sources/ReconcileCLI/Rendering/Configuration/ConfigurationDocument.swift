import GitSource
import Specs

/// What `reconcile config` prints: each setting, its value, and where that comes from.
struct ConfigurationDocument {
    /// One setting, or one key of a map.
    struct Row: Hashable {
        var key: String
        /// nil where nothing holds.
        var value: SettingEntry?
        var origin: SettingOrigin
        /// What holds where nobody says anything and that is not one value.
        var standard: String?
    }

    let rows: [Row]
    /// The file that was read, if there is one.
    let path: String?

    init(_ configuration: LoadedConfiguration) {
        path = configuration.path
        rows = HostConfiguration.settings.flatMap { setting -> [Row] in
            let entries = setting.entries(configuration.values)
            if entries.isEmpty {
                let origin = configuration.origins[setting.key] ?? .standard
                return [Row(key: setting.key, value: nil, origin: origin, standard: setting.whenLeftOut)]
            }
            return entries.map { entry in
                let key = setting.key + entry.key
                let value = SettingEntry(key: key, text: Redaction.hidingUsers(in: entry.text))
                return Row(key: key, value: value, origin: configuration.origins[key] ?? .standard)
            }
        }
    }

    var text: String {
        let cells = rows.map { row in
            [row.key, row.value?.plain ?? row.standard.map { "(\($0))" } ?? "-", row.origin.description]
        }
        return Table.lines([["SETTING", "VALUE", "ORIGIN"]] + cells).joined(separator: "\n")
    }

    /// For programs; members are only ever added within a version.
    var json: JSON {
        let settings = rows.map { row -> JSON in
            let value = row.value.map { JSON(yaml: $0.text) ?? .string($0.text) } ?? .null
            var members = [
                JSON.Member("setting", .string(row.key)), JSON.Member("value", value),
                JSON.Member("origin", .string(row.origin.layer)),
            ]
            if let words = row.standard { members.append(JSON.Member("default", .string(words))) }
            if row.origin != .standard { members.append(JSON.Member("place", .string(row.origin.description))) }
            return .object(members)
        }
        return .object([
            JSON.Member("version", .integer(1)), JSON.Member("file", path.map { .string($0) } ?? .null),
            JSON.Member("settings", .array(settings)),
        ])
    }
}
