extension HostPool: SpecDecodable {
    static let kind = ResourceKind.hostPool

    static func decode(_ field: Field) -> HostPool? {
        guard let fields = field.fields(["hosts", "scope", "capacity"]) else { return nil }
        let hosts = fields.required("hosts").flatMap { HostSelector.decode($0) }
        let scope = fields["scope"].map { $0.choice(Scope.self) } ?? .shared
        let capacity = fields["capacity"].map { Capacity.decode($0) } ?? Capacity()
        guard let hosts, let scope, let capacity else { return nil }
        return HostPool(hosts: hosts, scope: scope, capacity: capacity)
    }
}

extension HostPool.HostSelector {
    fileprivate static func decode(_ field: Field) -> Self? {
        guard let fields = field.fields(["name", "matchLabels"]) else { return nil }
        let name = fields["name"].map { $0.string(.hostName) }
        let labels = fields["matchLabels"].map { $0.labels() } ?? [:]
        guard let labels else { return nil }
        if name == nil, labels.isEmpty {
            field.report(.missingKey, "\(field.name) needs 'name' or 'matchLabels'")
            return nil
        }
        if case .some(.none) = name { return nil }
        return Self(name: name ?? nil, matchLabels: labels)
    }
}

extension HostPool.Capacity {
    fileprivate static func decode(_ field: Field) -> Self? {
        guard let fields = field.fields(["containersPerHost", "reserved"]) else { return nil }
        let containers: Int? = fields["containersPerHost"]?.integer(in: 1...1000)
        let reserved = fields["reserved"].map { HostPool.Reserved.decode($0) } ?? HostPool.Reserved()
        return reserved.map { Self(containersPerHost: containers, reserved: $0) }
    }
}

extension HostPool.Reserved {
    fileprivate static func decode(_ field: Field) -> Self? {
        guard let fields = field.fields(["cpus", "memory"]) else { return nil }
        return Self(
            cpus: fields["cpus"]?.cpus(in: CPUQuantity(nanoCPUs: 0)...CPUQuantity.most),
            memory: fields["memory"]?.bytes(in: ByteQuantity(bytes: 0)...ByteQuantity.most))
    }
}
