import ArgumentParser
import Drivers
import Foundation
import Reconciler
import Specs
import Storage

/// What the policy commands look at: what git says, and what the kernel has.
struct PolicySubject {
    let settings: EffectiveSettings
    let desired: DesiredState

    /// - Parameter isSourceMeant: the source is asked even where a revision is in force.
    static func load(_ program: ReconcileCommand, fromSource isSourceMeant: Bool = false) async throws -> PolicySubject
    {
        let settings = try EffectiveSettings(program.flags)
        let isNamed = program.source.specs != nil || program.source.repo != nil
        if !isNamed && !isSourceMeant, let inForce = try inForce(settings) {
            return PolicySubject(settings: settings, desired: inForce)
        }
        let loader = PreviewLoader(
            settings: settings, against: .host, style: Style(isColored: program.color.isOn(for: STDERR_FILENO)))
        switch try await loader.revision(after: loader.memory().accepted) {
        case .ready(let desired): return PolicySubject(settings: settings, desired: desired)
        case .ended(let code): throw code
        }
    }

    /// What the daemon of this host has put in force; nil where there is none that we may ask.
    static func inForce(_ settings: EffectiveSettings) throws(StateStoreError) -> DesiredState? {
        let file = StateDirectory.database(in: settings.stateDirectory)
        guard let accepted = try SQLiteStateStore.acceptedRevision(readingFrom: file),
            let specs = SpecLoader.load(accepted.files, environment: settings.host.environment).specs
        else { return nil }
        return DesiredState(specs: specs, revision: accepted.revision, host: settings.host)
    }

    /// The object of a word: `KIND/NAME`, or the name of one of its containers.
    func object(_ word: String) throws -> DesiredObject {
        if word.contains("/") {
            guard let id = try ObjectWord.parse(argument: word).id else {
                throw PolicyProblem("'\(word)' must be KIND/NAME, such as Workload/web")
            }
            guard let object = desired.objects[id] else {
                let hint = NearestName.hint(for: id, among: desired.objects.keys.sorted()).map { "; \($0)" } ?? ""
                throw PolicyProblem("there is no object '\(word)' with members in \(desired.revision)\(hint)")
            }
            return object
        }
        // The name that we give to a container ends in slot and incarnation.
        let parts = word.split(separator: "-", omittingEmptySubsequences: false)
        let isContainer = parts.count > 2 && parts.suffix(2).allSatisfy { Int($0) != nil }
        let name = isContainer ? parts.dropLast(2).joined(separator: "-") : word
        let found = desired.objects.values.filter { $0.id.name == name }
        guard let object = found.first, found.count == 1 else {
            throw PolicyProblem("'\(word)' is no container and no object of \(desired.revision); write KIND/NAME")
        }
        return object
    }

    /// nil where no policy selects the object.
    func policy(of object: DesiredObject) -> EffectivePolicy? {
        EffectivePolicy(of: object.id, labels: object.labels, desired.networkPolicies)
    }

    /// What the host has; without an engine that answers only what the packet filter says.
    func observe() async -> ObservedState {
        do {
            return try await settings.observe(desired)
        } catch {
            Terminal.complain("note: the engine cannot be asked: \(error)")
            var state = ObservedState()
            state.firewall = await facts()
            return state
        }
    }

    /// The container that was named, or all of the object.
    func containers(of object: DesiredObject, named word: String, in observed: ObservedState) -> [ObservedContainer] {
        let all = observed.containers(of: object.id)
        if word.contains("/") || word == object.id.name { return all }
        let named = all.filter { $0.name == word }
        if named.isEmpty { Terminal.complain("note: there is no container '\(word)' on this host") }
        return named
    }

    func facts() async -> FirewallFacts {
        await FirewallDriver(engine: settings.engine).facts(for: desired.firewall)
    }
}

/// Why a question about policies has no answer.
struct PolicyProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension AsyncParsableCommand {
    /// Runs the body, and says what went wrong the way all commands do.
    func answering(_ body: () async throws -> ExitCode) async throws {
        do {
            let code = try await body()
            if code != .success { throw code }
        } catch let code as ExitCode {
            throw code
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }
}
