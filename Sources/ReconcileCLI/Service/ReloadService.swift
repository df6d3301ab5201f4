import Foundation
import Logging
import ServiceLifecycle
import Specs
import UnixSignals

/// On SIGHUP reads the configuration anew and looks at the source at once.
///
/// A configuration that is wrong changes nothing. Of one that is right the level of the log holds at once, and secrets are
/// read for every fetch anyway; who this host is and whom it obeys does not change under its feet: that is said, and
/// holds from the next start.
struct ReloadService: Service {
    let flags: Flags
    let current: LoadedConfiguration
    let level: LogLevel
    let bell: SourceBell
    let supervisor: Supervisor?
    let logger: Logger

    /// Settings that hold at once.
    private static let live: Set = ["log.level"]

    /// From here on the signal does not end the program, as it would otherwise.
    static func ignoreSignal() { signal(SIGHUP, SIG_IGN) }

    func run() async throws {
        var current = current
        for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() {
            supervisor?.socket.send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds)"])
            reload(&current)
            bell.ring()
            supervisor?.socket.send(["READY=1"])
        }
    }

    func reload(_ current: inout LoadedConfiguration) {
        let new: LoadedConfiguration
        do throws(UsageError) {
            new = try LoadedConfiguration(flags)
            try new.requireTrust()
            try new.requireRepository()
            try new.requireVerificationMode()
            try new.requireAPISettings()
        } catch {
            logger.error(
                "the configuration was not reloaded",
                metadata: ["event": "config.rejected", "message": "\(error)"])
            return
        }
        level.value = new.values.log.level ?? .info
        let changed = new.settings(otherThanIn: current)
        let waiting = changed.filter { !Self.live.contains($0) }
        logger.notice(
            "the configuration was reloaded",
            metadata: ["event": "config.reloaded", "changed": .array(changed.map { .string($0) })])
        if !waiting.isEmpty {
            logger.warning(
                "some settings hold from the next start",
                metadata: ["event": "config.restart-needed", "settings": .array(waiting.map { .string($0) })])
        }
        // What was said once need not be said again; the file is compared with what it said last.
        current = new
    }

    private static var monotonicMicroseconds: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000 + UInt64(time.tv_nsec) / 1_000
    }
}

extension LoadedConfiguration {
    /// The keys of settings that say something else here.
    func settings(otherThanIn other: LoadedConfiguration) -> [String] {
        HostConfiguration.settings.filter { $0.entries(values) != $0.entries(other.values) }.map(\.key)
    }
}
