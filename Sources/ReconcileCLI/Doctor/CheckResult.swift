import Drivers
import Reconciler
import Specs

/// One line of what `reconcile doctor` finds.
struct CheckResult: Hashable, Encodable, Sendable {
    enum Status: String, Encodable, CaseIterable, Sendable {
        case ok
        /// It works, and a person should know something.
        case warning
        /// Something that specs may ask for does not exist on this host.
        case unsupported
        /// It could not be found out.
        case unknown
        /// The controller cannot work like this.
        case failed
    }

    /// In kebab case, with dots: `engine.api`.
    var check: String
    var status: Status
    /// What was found, in a few words.
    var found: String
    /// What follows from it, or what would help; nil where there is nothing to say.
    var hint: String?

    init(_ check: String, _ status: Status, _ found: String, hint: String? = nil) {
        self.check = check
        self.status = status
        self.found = found
        self.hint = hint
    }
}

/// What was looked at, before anybody judged it.
struct CheckupFacts: Sendable {
    var configurationPath: String?
    var stateDirectory = ""
    var state = FolderInspection()
    /// Where claim folders would be, and why they cannot; nil where they can.
    var claimRoot = ""
    var claimRootTrouble: String?
    var isDaemonRunning = false
    var socketPath = ""
    var engine: Result<EngineInspection, DriverError>
    var host = HostInspection()
    var preflight = PreflightThresholds.default
    /// nil when it was not asked.
    var source: Result<SourceSnapshot, CheckupError>?
    var repository: String?
    /// How far the clock of the repository's server is ahead; nil where it does not say.
    var serverClockOffset: Duration?
    var now = Instant(secondsSince1970: 0)
}

/// Why a part of the examination could not be made.
struct CheckupError: Error, Hashable, Sendable {
    var message: String
}
