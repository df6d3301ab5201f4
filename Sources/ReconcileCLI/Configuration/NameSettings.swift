import NameFilter
import Specs

/// How names are looked up for containers whose NetworkPolicy says which there are.
struct NameSettings: Sendable {
    /// A type of records that carries data and opens no address.
    enum ExtraType: String, CaseIterable, Hashable, Sendable { case caa, mx, ns, ptr, soa, srv, txt }

    var resolvConf = "/etc/resolv.conf"
    var types: [ExtraType] = []
    var limits = FilterLimits()
}

extension NameSettings {
    static let settings: [Setting<NameSettings>] = [
        Setting(
            "resolvConf", \.resolvConf, .string(.path),
            "File in the format of resolv.conf(5) with the resolvers that the name filter asks."),
        Setting(
            "types", \.types, .list(of: .choice(), counts: 0...ExtraType.allCases.count),
            "Types of records that containers may ask for of allowed names, besides addresses and aliases."),
        Setting(
            "queriesPerSecond", \.limits.queriesPerSecond, .integer(in: 10...1_000_000),
            "Queries of one container; what is beyond is dropped."),
        Setting(
            "lookupsPerSecond", \.limits.lookupsPerSecond, .integer(in: 1...100_000),
            "Queries of one object's containers that an upstream resolver is asked for."),
        Setting(
            "lookupBurst", \.limits.burstOfLookups, .integer(in: 1...1_000_000), "How many of them may come at once."),
        Setting(
            "newNamesPerMinute", \.limits.newNamesPerMinute, .integer(in: 1...1_000_000),
            "Names below wildcards that one object's containers ask for the first time."),
        Setting(
            "newNameBurst", \.limits.burstOfNewNames, .integer(in: 1...1_000_000), "How many of them may come at once."),
        Setting(
            "bytesBelowWildcard", \.limits.bytesBelowWildcard, .integer(in: 1...250),
            "The most bytes that stand in the place of a wildcard's star."),
        Setting(
            "openAddresses", \.limits.grantsPerBridge, .integer(in: 64...65_536),
            "The most addresses that are open for one object at a time by their names."),
        Setting(
            "cachedAnswers", \.limits.cachedAnswers, .integer(in: 100...1_000_000),
            "The most answers that are remembered."),
    ]

    var configuration: FilterConfiguration {
        var configuration = FilterConfiguration()
        configuration.types.formUnion(types.map(\.type))
        configuration.limits = limits
        configuration.upstream.servers = .resolvConf(path: resolvConf)
        return configuration
    }
}

extension NameSettings.ExtraType {
    fileprivate var type: RecordType {
        switch self {
        case .caa: .caa
        case .mx: .mx
        case .ns: .ns
        case .ptr: .ptr
        case .soa: .soa
        case .srv: .srv
        case .txt: .txt
        }
    }
}
