import Reconciler
import Specs

/// What confines and limits containers, as lines beside those of the network.
extension PolicyDocument {
    /// - Parameter containers: those that are shown; none shows what git says alone.
    static func limits(
        of object: DesiredObject, in containers: [ObservedContainer], on engine: EngineFacts
    ) -> Section {
        let lines = shown(containers) { container in
            LimitReport.entries(of: object, in: container, on: engine).map { entry in
                Line(
                    what: "\(entry.field) \(entry.value)", position: entry.position?.description,
                    source: entry.givenBy?.description ?? (entry.position == nil ? "the engine's default" : nil),
                    enforcement: entry.state, detail: entry.detail)
            }
        }
        return Section(name: "limits", lines: lines)
    }

    static func confinement(of object: DesiredObject, in containers: [ObservedContainer]) -> Section {
        guard object.container.confinement != nil else {
            let line = Line(what: "left to the engine's defaults: no SecurityProfile is named")
            return Section(name: "confinement", lines: [line])
        }
        let lines = shown(containers) { container in
            ConfinementReport.entries(of: object, in: container).map { entry in
                Line(
                    what: "\(entry.control.rawValue) \(entry.value)", position: entry.position?.description,
                    source: entry.position == nil ? "the host's baseline" : nil, enforcement: entry.state,
                    detail: entry.detail)
            }
        }
        return Section(name: "confinement", lines: lines)
    }

    /// The rules of the profile one by one; they are in force when the filter is.
    static func systemCalls(of object: DesiredObject, _ filter: Line?) -> Section? {
        guard let confinement = object.container.confinement else { return nil }
        let withheld = Set(confinement.seccomp.withheld)
        var lines: [Line] = []
        if let seccomp = object.profile?.spec.seccomp {
            lines += rules("allow", seccomp.allow, of: object, filter).map { line in
                guard withheld.contains(line.name) else { return line.line }
                return Line(
                    what: line.line.what, position: line.line.position,
                    detail: "without effect: the host's baseline withholds it")
            }
            lines += rules("deny", seccomp.deny, of: object, filter).map(\.line)
        }
        let others = withheld.subtracting(object.profile?.spec.seccomp?.allow.map(\.name) ?? []).sorted()
        if !others.isEmpty {
            let what = "withheld by the host's baseline: " + others.joined(separator: " ")
            lines.append(Line(what: what, source: "the host's baseline", enforcement: filter?.enforcement))
        }
        if let calls = calls(of: object) {
            lines.append(Line(what: calls.summary, enforcement: filter?.enforcement))
        }
        return Section(name: "syscalls", lines: lines)
    }

    /// nil for objects that leave everything to the engine.
    static func calls(of object: DesiredObject) -> SystemCallsDocument? {
        object.container.confinement.flatMap { SeccompProfile(json: $0.seccomp.json) }.map(SystemCallsDocument.init)
    }

    private static func rules(
        _ word: String, _ calls: [SecurityProfile.Call], of object: DesiredObject, _ filter: Line?
    ) -> [(name: String, line: Line)] {
        calls.enumerated().map { index, call in
            let arguments = call.arguments.map(\.words).joined(separator: " and ")
            let line = Line(
                what: "\(word) \(call.name)" + (arguments.isEmpty ? "" : " where \(arguments)"),
                position: object.profile.map { $0.position(of: "spec.seccomp.\(word).\(index)").description },
                enforcement: filter?.enforcement)
            return (call.name, line)
        }
    }

    /// The lines of all containers as one: of each the worst, with the name of the container that it is of.
    private static func shown(
        _ containers: [ObservedContainer], _ lines: (ObservedContainer?) -> [Line]
    ) -> [Line] {
        guard let first = containers.first else { return lines(nil) }
        var worst = lines(first)
        for container in containers.dropFirst() {
            for (index, var line) in lines(container).enumerated() where line.rank > worst[index].rank {
                line.detail = [container.name, line.detail].compactMap { $0?.isEmpty == false ? $0 : nil }
                    .joined(separator: ": ")
                worst[index] = line
            }
        }
        return worst
    }
}

extension PolicyDocument.Line {
    /// How bad it is.
    fileprivate var rank: Int {
        switch enforcement {
        case .enforced: 0
        case nil: 1
        case .notSupported: 2
        case .drifted: 3
        }
    }
}
