import Foundation
import Specs

/// Who started the program and wants to hear how it is, as the environment says.
struct Supervisor: Hashable, Sendable {
    let socket: NotifySocket
    /// The longest time between two signs of life; nil when nobody watches.
    let watchdog: Duration?

    /// - Parameter processID: of this program; a watchdog may be meant for another one.
    /// - Returns: nil when nobody wants to hear anything.
    /// - Throws: `UsageError` for variables that make no sense: a service that says nothing would be ended without a word
    ///   on why.
    init?(
        environment: [String: String] = ProcessInfo.processInfo.environment, processID: Int32 = getpid()
    ) throws(UsageError) {
        guard let address = environment["NOTIFY_SOCKET"], !address.isEmpty else { return nil }
        socket = try NotifySocket(address)
        watchdog = try Self.watchdog(environment, processID)
    }

    private static func watchdog(_ environment: [String: String], _ processID: Int32) throws(UsageError) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], !text.isEmpty else { return nil }
        guard let microseconds = Int64(text), microseconds > 0 else {
            throw UsageError("WATCHDOG_USEC \(Diagnostic.quote(text)) must be a number of microseconds above 0")
        }
        if let text = environment["WATCHDOG_PID"], !text.isEmpty {
            guard let meant = Int32(text) else {
                throw UsageError("WATCHDOG_PID \(Diagnostic.quote(text)) must be the number of a process")
            }
            if meant != processID { return nil }
        }
        return .microseconds(microseconds)
    }
}
