import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Storage

/// What can be seen of the invariants from outside of the program.
struct SoakWatch: Sendable {
    let hosts: [SoakHost]
    let git: SoakGit
    let log: SoakLog

    // MARK: All the time

    /// Looks at every host five times a second: S4 what is foreign, S12 how many there are.
    func sample() async {
        while !Task.isCancelled {
            for host in hosts { await look(at: host) }
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: .milliseconds(200))
        }
    }

    private func look(at host: SoakHost) async {
        // An engine that does not answer shows nothing.
        guard let changes = try? await host.foreign.changes(on: host.hand) else { return }
        log.count("looks")
        for change in changes { log.violated("S4", "\(host.name): \(change)") }
        guard let members = await host.members() else { return }
        // What has stopped is on its way out, or on its way back.
        let live = members.filter { !["exited", "dead", "removing"].contains($0.state.status) }
        let slots = Dictionary(grouping: live) { container in
            [container.labels["dev.reconcile.object"], container.labels["dev.reconcile.slot"]].compactMap(\.self)
        }
        for (slot, all) in slots where all.count > 2 {
            log.violated("S12", "\(host.name): \(slot): \(all.map { "\($0.name) \($0.state.status)" })")
        }
    }

    /// At each changing call that passes a proxy: S10 its intent is on the disk; S5 who else is there when somebody goes.
    func guardCalls() {
        for host in hosts where !host.isDirect {
            host.proxy.observe { call in
                guard call.changeNumber != nil, call.path.hasPrefix("/containers/") else { return }
                await checkIntent(of: call, on: host)
                let isRemoval = call.method == "DELETE" || call.path.hasSuffix("/stop")
                if isRemoval { await checkBudget(call, on: host) }
            }
        }
    }

    private func checkIntent(of call: ProxiedCall, on host: SoakHost) async {
        let path = host.stateDirectory + "/state.sqlite"
        // Somebody may have renamed it since the daemon looked.
        guard host.sinceTouched > .seconds(5) else { return }
        // A file that cannot be read at the moment, or a container that nobody knows, says nothing.
        guard let open = try? SQLiteStateStore.openIntents(readingFrom: path),
            let subject = await subject(of: call, on: host)
        else { return }
        log.count("calls whose intent was looked for")
        // A rename is about the name that it takes away.
        if !open.contains(where: { $0.subject == subject || call.path.hasSuffix("/rename") }) {
            log.violated(
                "S10", "\(host.name): \(call) of \(subject) without an intent; open are \(open.map(\.subject))")
        }
    }

    private func subject(of call: ProxiedCall, on host: SoakHost) async -> String? {
        if call.path == "/containers/create" { return String(call.query.drop { $0 != "=" }.dropFirst()) }
        let id = call.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        return try? await String(host.hand.inspect(id).name.dropFirst())
    }

    private func checkBudget(_ call: ProxiedCall, on host: SoakHost) async {
        // Whom somebody else has just taken away, nobody can have seen yet.
        guard host.sinceTouched > .seconds(5), let members = await host.members() else { return }
        let id = call.path.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        guard let victim = members.first(where: { $0.id == id }), victim.state.status == "running",
            let object = victim.labels["dev.reconcile.object"]
        else { return }
        let short = String(object.split(separator: "-").last ?? "")
        // The revision in force is one of the last; the one that asks for least is what must hold.
        let wanted = git.revisions.suffix(4).map { $0.replicas[short] ?? 0 }.min() ?? 0
        let others = Set(
            members.filter {
                $0.labels["dev.reconcile.object"] == object && $0.id != id && $0.state.status == "running"
            }
            .compactMap { $0.labels["dev.reconcile.slot"] })
        log.count("disruptive calls that were counted")
        if others.count < wanted - 1 {
            log.violated("S5", "\(host.name): \(call) leaves \(others.count) of \(wanted) of \(object)")
        }
    }

    // MARK: At rest

    /// L1 everything becomes as git says; S9, S15: then nothing is done for two resyncs; S11 nothing is left over; the
    /// audit log is whole; S19 no secret in it.
    func checkRest(_ last: SoakRevision) async throws {
        for host in hosts {
            guard await converges(host, on: last) else {
                log.violated("L1", "\(host.name): not as \(last) within three minutes: \(await state(of: host))")
                continue
            }
        }
        let before = await pictures()
        for host in hosts { host.proxy.forget() }
        log.say("everything converged; now two resyncs of rest")
        try await Task.sleep(for: .seconds(65))
        for (host, picture) in zip(hosts, before) {
            if !host.proxy.changes.isEmpty { log.violated("S15", "\(host.name): \(host.proxy.changes)") }
            if await self.picture(of: host) != picture { log.violated("S9", "\(host.name): it did not stay as it was") }
            try await checkLeftovers(on: host, last)
            try checkAudit(of: host)
        }
    }

    private func converges(_ host: SoakHost, on last: SoakRevision) async -> Bool {
        let end = ContinuousClock.now + .seconds(180)
        while ContinuousClock.now < end {
            if let status = try? await host.status(), status.revision?.id == last.id, status.isConverged { return true }
            // A cancelled sleep ends in the next turn of the loop at the latest.
            try? await Task.sleep(for: .milliseconds(300))
        }
        return false
    }

    private func state(of host: SoakHost) async -> String {
        guard let status = try? await host.status() else { return "no status" }
        let objects = status.objects.map { "\($0.id) \($0.ready)/\($0.desired) \($0.conditions.map(\.message))" }
        return "\(status.revision?.id.prefix(7) ?? "none"), \(status.source?.message ?? ""), \(objects)"
    }

    private func pictures() async -> [[InspectedContainer]?] {
        var all: [[InspectedContainer]?] = []
        for host in hosts { all.append(await picture(of: host)) }
        return all
    }

    private func picture(of host: SoakHost) async -> [InspectedContainer]? { await host.members() }

    private func checkLeftovers(on host: SoakHost, _ last: SoakRevision) async throws {
        let members = await host.members() ?? []
        let wanted = last.replicas.flatMap { short, count in
            (0..<count).map { "Workload/\(SoakGit.name)-\(short)/\($0) \(last.images[short] ?? "") running" }
        }.sorted()
        let found = members.map { container in
            let labels = container.labels
            return "\(labels["dev.reconcile.object"] ?? "")/\(labels["dev.reconcile.slot"] ?? "") "
                + "\(container.configuration.image) \(container.state.status)"
        }.sorted()
        if found != wanted { log.violated("S11", "\(host.name): \(found) instead of \(wanted)") }
        let networks = try await host.hand.networks(of: SoakGit.name).filter { !$0.hasSuffix("-foreign") }
        let wantedNetworks = last.replicas.keys.map { "reconcile-\(SoakGit.name)-\($0)" }.sorted()
        if networks != wantedNetworks { log.violated("S11", "\(host.name): \(networks) instead of \(wantedNetworks)") }
    }

    private func checkAudit(of host: SoakHost) throws {
        let path = host.stateDirectory + "/audit.jsonl"
        let verdict = try AuditLog.verify(path)
        if let finding = verdict.finding { log.violated("audit", "\(host.name): \(finding)") }
        log.count("lines of audit logs", verdict.goodLines)
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        if text.contains(SoakGit.secret) { log.violated("S19", "\(host.name): a secret in the audit log") }
    }
}
