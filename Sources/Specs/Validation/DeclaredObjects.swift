/// All that the files of a revision declare, before anything is known about how the objects fit together.
struct DeclaredObjects {
    var set = SpecSet()
    /// Every object whose kind and name could be read, in the order of the files, even if the rest is wrong.
    var identities: [(id: ResourceID, place: SourcePosition)] = []
    /// Whether the identities are all there are; after a syntax error nobody knows what else was meant.
    var isComplete = true

    /// Whether there is such an object, right or wrong.
    func declares(_ kind: ResourceKind, _ name: String) -> Bool {
        identities.contains { $0.id == ResourceID(kind, name) }
    }

    /// Takes over one document and gives its findings.
    mutating func add(_ result: DocumentDecoder.Result) -> [Diagnostic] {
        result.insert?(&set)
        if let identity = result.identity { identities.append(identity) } else { isComplete = false }
        return result.diagnostics
    }

    /// Fills what was left out, checks all rules between objects, and gives their findings.
    mutating func resolveAndValidate(_ attachments: Attachments, zones: TimeZoneDatabase) -> [Diagnostic] {
        var diagnostics = UniqueNames.validate(identities)
        let references = References(self)
        diagnostics += TemplateReferences.resolve(&set, references)
        diagnostics += HostPoolReferences.resolve(&set, references)
        diagnostics += AppliedLimits.apply(to: &set)
        EngineDefaults.leaveOut(of: &set)
        diagnostics += SeccompProfiles.resolve(&set, attachments)
        diagnostics += AppArmorProfiles.resolve(&set, attachments)
        diagnostics += PolicyReferences.resolve(&set, references)
        let placed = set.placed
        diagnostics += PolicyReferences.checkContradictions(of: set.networkPolicies, on: placed)
        diagnostics += HostPortClaims.validate(set)
        diagnostics += PoolCapacity.validate(set, placed)
        diagnostics += Totals.validate(set, placed)
        diagnostics += AutoscalerTargets.validate(set, references)
        diagnostics += Dependencies.validate(placed, references)
        diagnostics += WindowSchedules.validate(&set, zones: zones)
        diagnostics += Selectors.validate(set, placed, references)
        return diagnostics
    }

    /// The set of all objects, in the order of their identities.
    var specs: SpecSet {
        var specs = set
        specs.sort()
        return specs
    }
}
