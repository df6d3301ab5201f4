package import Reconciler

/// What every driver must do, the real one and its twin alike: the contract of `Driver` as a list of checks.
///
/// A check throws `ConformanceFailure` where the driver behaves differently, and cleans up after itself either way.
package enum DriverConformance {
    package static let checks: [ConformanceCheck] =
        (containerChecks + lifecycleChecks + settingsChecks + probeChecks + surroundingChecks + claimChecks)
        .enumerated().map {
            index, check in
            var check = check
            check.number = index
            return check
        }
}

/// One behaviour, as a sentence and the code that checks it.
package struct ConformanceCheck: Sendable, CustomStringConvertible {
    /// A sentence: what the driver does.
    package var description: String
    /// Keeps the checks of one run apart: subnets and names are derived from it.
    var number = 0
    private let body: @Sendable (ConformanceBench) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (ConformanceBench) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// - Throws: `ConformanceFailure`, or the `DriverError` of a step that should have worked.
    package func run(on driver: any Driver, in environment: ConformanceEnvironment) async throws {
        let bench = ConformanceBench(driver: driver, environment: environment, number: number)
        do {
            try await body(bench)
        } catch {
            // The failure of the check is the one to show; leftovers carry its owner.
            try? await bench.cleanUp()
            throw error
        }
        try await bench.cleanUp()
    }
}

/// A driver that behaves differently.
package struct ConformanceFailure: Error, CustomStringConvertible {
    package var description: String
}

/// What the checks may use.
package struct ConformanceEnvironment: Sendable {
    /// On the host already, with `sleep`, `true` and `false`.
    package var image: String
    /// Neither on the host nor to be had.
    package var missingImage: String
    /// In every name, so that runs side by side do not meet: lower-case letters and digits.
    package var prefix: String
    /// Free on the host.
    package var hostPort: UInt16
    /// An absolute path that is not on the host.
    package var missingPath: String
    /// A folder in memory that the engine sees as well, for the claim folders of members.
    package var claimRoot: String
    /// The second octet of the subnets `10.x.y.0/24` that checks make.
    package var subnetOctet: Int

    package init(
        image: String, missingImage: String = "reconcile.invalid/missing:1", prefix: String, hostPort: UInt16 = 18_080,
        missingPath: String = "/reconcile-conformance-missing", claimRoot: String = ClaimFolder.defaultRoot,
        subnetOctet: Int = 250
    ) {
        self.image = image
        self.missingImage = missingImage
        self.prefix = prefix
        self.hostPort = hostPort
        self.missingPath = missingPath
        self.claimRoot = claimRoot
        self.subnetOctet = subnetOctet
    }
}
