import ArgumentParser
import Drivers
import Foundation
import Reconciler
import Specs

/// Shows what the members of one object wrote, as the engine keeps it.
struct ContainerLogs {
    let engine: EngineAddress
    let owner: String
    let object: ResourceID
    let slot: Int?
    let window: LogWindow
    let output: LineOutput

    /// - Throws: `DriverError` when the engine does not answer, `ExitCode` when there is nothing to show, or not all of it.
    func run() async throws {
        OpenFiles.raiseLimit()
        // Each log that is followed has a connection of its own.
        let transport = UnixSocketTransport(engine, streams: 4_096)
        let logs = MemberLogs(DockerClient(ReadOnlyTransport(transport)), owner: owner, of: object, slot: slot)
        let result: Result<Void, any Error>
        do { result = .success(try await show(logs)) } catch { result = .failure(error) }
        await transport.shutdown()
        try result.get()
    }

    private func show(_ logs: MemberLogs<ReadOnlyTransport>) async throws {
        let members = try await logs.members()
        output.expect(members)
        if members.isEmpty {
            let what = slot.map { "\(MemberID(object, $0))" } ?? "\(object)"
            let none = "there is no container of \(what) here"
            if !window.follows {
                let others = try await logs.objects().map(\.description)
                let hint =
                    others.isEmpty
                    ? "nor one of any other object" : "there are of " + Diagnostic.list(others, word: "and")
                Terminal.complain("error: \(none); \(hint)")
                throw ExitStatus.error
            }
            Terminal.complain("\(none); waiting for one")
        }
        // Nothing of what there is: whoever follows hears only what comes.
        let read = window.tail == 0 ? [] : members
        let outcome = await logs.read(read, window) { output.write($0, $1) }
        for failure in outcome.failures { Terminal.complain("error: \(failure.member.name): \(failure.error)") }
        if window.follows {
            await logs.follow(window, after: outcome, { output.write($0, $1) }, notice: { Terminal.complain($0) })
        }
        if !outcome.failures.isEmpty { throw ExitStatus.error }
    }
}
