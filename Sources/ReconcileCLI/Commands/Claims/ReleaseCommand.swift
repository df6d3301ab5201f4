import API
import ArgumentParser
import Specs

/// Ends claims.
struct ReleaseCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "release",
        abstract: "Give claimed containers back; they are removed, and never handed out again.",
        discussion: """
            A claim that is over already stays so.

            EXAMPLES
              reconcile release c-1f2e3d4c5b6a7988

            EXIT CODES
              0 all are released; 1 one was refused or no daemon answered,
              64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "The claims.", completion: .openClaims)
    var ids: [String]

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        var released: [ClaimDocument] = []
        var failures = 0
        for id in ids {
            do throws(ClientFailure) {
                released.append(try await client.release(id))
                if format == .human { Terminal.print("\(id) released") }
            } catch {
                if error.isAbsent { throw error }
                failures += 1
                Terminal.complain("error: \(error)")
            }
        }
        if format == .json { Terminal.print(try Terminal.json(["items": released])) }
        if failures > 0 { throw ExitStatus.error }
    }
}

/// Has a claim last longer.
struct RenewCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "renew",
        abstract: "Have a claim last its ttl from now on, or another one.",
        discussion: """
            EXAMPLES
              reconcile renew c-1f2e3d4c5b6a7988
              reconcile renew c-1f2e3d4c5b6a7988 --ttl 2h

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "The claim.", completion: .openClaims)
    var id: String

    @Option(
        help: ArgumentHelp("How long from now on. (default: as before)", valueName: "duration"),
        transform: Duration.parse(argument:))
    var ttl: Duration?

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let claim = try await client.renew(id, ttl: ttl?.goText)
        switch format {
        case .human: Terminal.print("\(claim.id) lasts until \(claim.expires)")
        case .json: Terminal.print(try Terminal.json(claim))
        }
    }
}
