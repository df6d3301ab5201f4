import ArgumentParser
import Drivers
import Foundation
import Reconciler
import Specs
import Subprocess

/// Predicts whether a connection is let through, and tries it where that is asked for.
struct PolicyTestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test", abstract: "Say whether a container may reach an address.",
        discussion: """
            With --probe a connection is really made, from inside the container's network namespace, and closed at once: \
            an answer of any kind, a refusal included, means that packets pass. That needs root.

            EXAMPLES
              reconcile policy test --from web-0-1 --to 192.0.2.1:443
              reconcile policy test --from Workload/web --to '[2001:db8::1]:53/udp'

            \(policyExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Option(help: ArgumentHelp("Who connects.", valueName: "container|kind/name"))
    var from: String

    @Option(help: ArgumentHelp("Where to: 192.0.2.1:443, [2001:db8::1]:53/udp.", valueName: "address:port"))
    var to: String

    @Flag(help: "Try it from inside the container as well; tcp only.")
    var probe = false

    func validate() throws {
        let target = try FlowAddress(argument: to)
        if probe && target.transport != .tcp { throw ValidationError("--probe knows only tcp: udp gives no answer") }
    }

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            let target = try FlowAddress(argument: to)
            let subject = try await PolicySubject.load(program)
            let object = try subject.object(from)
            let networks = await Surroundings.look(settings: subject.settings, object: object, container: from)
            let prediction = subject.desired.firewall.prediction(from: object.id, for: networks.target(target))
            var answer = FlowAnswer(object: object.id, target: target, prediction)
            if let policy = subject.desired.firewall.policy(of: object.id) {
                answer.isInForce = await subject.facts().isInForce(policy)
            }
            if probe { answer.probe = try await networks.probe(target) }
            switch format {
            case .human: Terminal.print(answer.text)
            case .json: Terminal.print(try Terminal.json(answer))
            }
            return answer.exitCode
        }
    }
}

/// An address with a port, as people write it.
struct FlowAddress: Hashable, Sendable, CustomStringConvertible {
    var address: IPAddress
    var port: UInt16
    var transport: PortRange.Transport

    /// Reads `192.0.2.1:443`, `[2001:db8::1]:443/tcp`.
    init(argument text: String) throws {
        let hint = "write ADDRESS:PORT, such as 192.0.2.1:443 or [2001:db8::1]:53/udp"
        guard let colon = text.lastIndex(of: ":") else { throw ValidationError("'\(text)' has no port; \(hint)") }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        do throws(InvalidText) {
            let ports = try PortRange.parse(String(text[text.index(after: colon)...]))
            address = try IPAddress.parse(String(host)).unmapped
            port = ports.ports.lowerBound
            transport = ports.transport
            if ports.ports.count > 1 { throw InvalidText("'\(text)' has several ports") }
        } catch {
            throw ValidationError("\(error); \(hint)")
        }
    }

    var description: String {
        let host = if case .v6 = address { "[\(address)]" } else { "\(address)" }
        return "\(host):\(port)/\(transport.rawValue)"
    }
}
