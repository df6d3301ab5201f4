package import Reconciler

extension ObservedContainer {
    /// A container as inspect shows it; nil when it does not carry the whole mark of this owner.
    ///
    /// - Throws: `.badResponse` for a status that no version of Docker has.
    package init?(_ details: ContainerDetails, owner: String) throws(DriverError) {
        guard let mark = OwnershipMark(labels: details.labels), mark.owner == owner, let member = mark.member else {
            return nil
        }
        guard let status = Status(rawValue: details.state.status) else {
            let message = "the status '\(details.state.status)' of container '\(details.ownName)' is unknown"
            throw DriverError(.transient, .badResponse, message, at: "GET /containers/\(details.id)/json")
        }
        self.init(
            id: details.id, name: details.ownName, mark: mark, member: member, image: details.config?.image ?? "",
            imageID: details.image, status: status, exitCode: details.state.exitCode,
            health: Health(details.state.health?.status), startedAt: details.state.startedAt ?? "",
            endedAt: status == .exited || status == .dead ? details.state.finishedAt ?? "" : "",
            stopTimeout: details.config?.stopTimeout.map { .seconds($0) }, address: details.address,
            live: LiveSettings(details.hostConfig))
    }
}

extension ObservedContainer.Health {
    /// Docker leaves the whole value out without a health check, and writes `none` where one was switched off.
    init(_ text: String?) {
        switch text {
        case "starting": self = .starting
        case "healthy": self = .healthy
        case "unhealthy": self = .unhealthy
        default: self = .none
        }
    }
}

extension LiveSettings {
    /// Folds Docker's spellings of "no limit" into nil: 0 for memory, 0, -1 or null for processes, and so on.
    init(_ config: ContainerDetails.HostConfig?) {
        self.init(
            nanoCPUs: Self.nanoCPUs(config), memory: Self.limit(config?.memory),
            // -1 is a limit of its own here: as much swap as there is.
            memorySwap: config?.memorySwap == -1 ? -1 : Self.limit(config?.memorySwap),
            pids: Self.limit(config?.pidsLimit), memoryReservation: Self.limit(config?.memoryReservation),
            cpuShares: Self.limit(config?.cpuShares).flatMap { $0 == 1024 ? nil : $0 },
            cpuset: config?.cpuset.flatMap { $0.isEmpty ? nil : $0 }, blockIOWeight: Self.limit(config?.blockIOWeight),
            restartPolicy: Self.policy(config?.restartPolicy?.name))
    }

    private static func limit(_ value: Int64?) -> Int64? { value.flatMap { $0 > 0 ? $0 : nil } }

    private static func policy(_ name: String?) -> String { name.flatMap { $0.isEmpty ? nil : $0 } ?? "no" }

    /// Docker takes either `NanoCpus` or a quota for each period, and a quota of -1 lifts a limit that inspect goes on
    /// to show as `NanoCpus`.
    private static func nanoCPUs(_ config: ContainerDetails.HostConfig?) -> Int64? {
        guard let config, config.cpuQuota != -1 else { return nil }
        if let nanoCPUs = limit(config.nanoCPUs) { return nanoCPUs }
        guard let quota = limit(config.cpuQuota) else { return nil }
        // 100 ms is the kernel's default period. Quotas are microseconds: far from overflow.
        let period = limit(config.cpuPeriod) ?? 100_000
        return Int64(Double(quota) / Double(period) * 1e9)
    }
}
