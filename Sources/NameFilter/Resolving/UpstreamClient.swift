import NIOCore
import Specs

/// Asks upstream resolvers until one gives an answer.
struct UpstreamClient: Sendable {
    let group: any EventLoopGroup
    let servers: UpstreamServers
    let count: @Sendable (UpstreamOutcome) -> Void

    /// So many times all servers are asked.
    private static let rounds = 2

    /// The answer of the first server that has one; nil if none has.
    ///
    /// - Parameter own: where the filter itself listens.
    func ask(_ question: Question, _ settings: UpstreamSettings, own: Set<ServerAddress>) async -> UpstreamMessage? {
        let deadline = ContinuousClock.now + settings.totalTimeout
        let servers = self.servers.servers(settings.servers, without: own)
        for _ in 0..<Self.rounds {
            for server in servers {
                let left = deadline - .now
                guard left > .zero else { return nil }
                let exchange = UpstreamExchange(group: group, server: server, timeout: min(settings.timeout, left))
                guard let message = await ask(question, settings, exchange) else { continue }
                self.servers.prefer(server)
                return message
            }
        }
        return nil
    }

    private func ask(
        _ question: Question, _ settings: UpstreamSettings, _ exchange: UpstreamExchange
    ) async -> UpstreamMessage? {
        do throws(UpstreamExchange.Failure) {
            var message = try await overUDP(question, settings, exchange, hasEDNS: true)
            // Servers from before EDNS say that they do not understand, or that they do not know how.
            if let code = message?.code, code == 1 || code == 4 {
                message = try await overUDP(question, settings, exchange, hasEDNS: false)
            }
            if message == nil { message = try await overTCP(question, settings, exchange) }
            let code = message.flatMap { ResponseCode(rawValue: $0.code) }
            guard code == .noError || code == .nameError else {
                count(.refused)
                return nil
            }
            count(.answered)
            return message
        } catch {
            count(UpstreamOutcome(error))
            return nil
        }
    }

    /// nil if it should be asked over TCP.
    private func overUDP(
        _ question: Question, _ settings: UpstreamSettings, _ exchange: UpstreamExchange, hasEDNS: Bool
    ) async throws(UpstreamExchange.Failure) -> UpstreamMessage? {
        var random = SystemRandomNumberGenerator()
        let query = UpstreamQuery(question, mixesCase: settings.mixesCase, hasEDNS: hasEDNS, using: &random)
        do throws(UpstreamExchange.Failure) {
            let message = try Self.read(try await exchange.overUDP(query), question)
            guard message.isTruncated else { return message }
            count(.truncated)
            return nil
        } catch {
            guard error == .suspicious || error == .unusable else { throw error }
            count(UpstreamOutcome(error))
            return nil
        }
    }

    private func overTCP(
        _ question: Question, _ settings: UpstreamSettings, _ exchange: UpstreamExchange
    ) async throws(UpstreamExchange.Failure) -> UpstreamMessage? {
        var random = SystemRandomNumberGenerator()
        let query = UpstreamQuery(question, mixesCase: settings.mixesCase, hasEDNS: true, using: &random)
        let message = try Self.read(try await exchange.overTCP(query), question)
        guard !message.isTruncated else { throw .unusable }
        return message
    }

    private static func read(
        _ bytes: [UInt8], _ question: Question
    ) throws(UpstreamExchange.Failure) -> UpstreamMessage {
        // Servers without EDNS may leave the question out when they say so; everybody else repeats it.
        if bytes.count == DNSQuery.headerBytes {
            return UpstreamMessage(code: UInt16(bytes[3] & 0x0F), isTruncated: false)
        }
        do throws(WireError) {
            return try UpstreamMessage.read(bytes, to: question)
        } catch {
            throw .unusable
        }
    }
}

extension UpstreamOutcome {
    fileprivate init(_ failure: UpstreamExchange.Failure) {
        self =
            switch failure {
            case .timedOut: .timedOut
            case .suspicious: .suspicious
            case .unreachable: .unreachable
            case .unusable: .unusable
            }
    }
}
