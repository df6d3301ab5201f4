/// What decides whether a step that takes something away could be finished: room on the disk, and Docker's own chains.
///
/// A restart on a full disk, or on a host whose firewall was flushed, stops a healthy container and cannot start it
/// again. nil and `unknown` are not known, and never hold anything.
package struct PreflightFacts: Hashable, Codable, Sendable {
    /// What a look for the chains of Docker in the firewall found.
    package enum Chains: String, Hashable, Codable, Sendable { case present, missing, unknown }

    /// Bytes that are free where the engine keeps images and containers.
    package var dataFree: Int64?
    /// Bytes that there are in all.
    package var dataSize: Int64?
    package var inodesFree: Int64?
    package var inodes: Int64?
    package var firewallChains: Chains

    package init(
        dataFree: Int64? = nil, dataSize: Int64? = nil, inodesFree: Int64? = nil, inodes: Int64? = nil,
        firewallChains: Chains = .unknown
    ) {
        self.dataFree = dataFree
        self.dataSize = dataSize
        self.inodesFree = inodesFree
        self.inodes = inodes
        self.firewallChains = firewallChains
    }

    /// The facts with what was known of the chains before, where these say nothing of them.
    func keeping(_ known: Chains) -> PreflightFacts {
        var facts = self
        if facts.firewallChains == .unknown { facts.firewallChains = known }
        return facts
    }
}

/// Whether chains that are missing now were taken away from a running engine.
///
/// Missing alone means nothing: an engine may be told to leave the firewall alone. Chains that were seen since the
/// engine started, and are not there any more, were flushed by somebody else, and only its restart brings them back.
package struct ChainWatch: Hashable, Sendable {
    private var engine: String?
    /// Docker's chains were seen since this start of the engine.
    package private(set) var wereSeen = false

    package init() {}

    /// - Parameter engine: names one start of the engine; another one begins anew.
    package mutating func record(_ chains: PreflightFacts.Chains, engine: String) {
        if engine != self.engine { wereSeen = false }
        self.engine = engine
        if chains == .present { wereSeen = true }
    }
}

extension PreflightFacts {
    /// How full the engine's disk is, in percent; nil where nobody can tell.
    package var usedDisk: Double? {
        guard let dataFree, let dataSize, dataSize > 0 else { return nil }
        return Double(dataSize - dataFree) * 100 / Double(dataSize)
    }
}
