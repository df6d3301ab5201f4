package import Specs

/// What a preview knows besides the plan.
extension PlanDocument {
    /// What becomes of the members of one object while they are replaced; see `Outlook`.
    package struct OutlookEntry: Codable, Hashable, Sendable {
        package var object: String
        package var position: SourcePosition?
        package var replaced: Int
        package var sentAway: Int
        package var desired: Int
        package var ready: Int
        package var lowestReady: Int
        package var claimed: Int
        package var claimedKept: Int
        /// As a sentence.
        package var description: String

        init(_ outlook: Outlook) {
            object = outlook.object.description
            position = outlook.position
            replaced = outlook.replaced
            sentAway = outlook.sentAway
            desired = outlook.desired
            ready = outlook.ready
            lowestReady = outlook.lowestReady
            claimed = outlook.claimed
            claimedKept = outlook.claimedKept
            description = outlook.description
        }
    }

    /// What changes about who may reach whom.
    package struct PolicyEntry: Codable, Hashable, Sendable {
        package var object: String
        package var lines: [PolicyChange.Line]

        init(_ change: PolicyChange) {
            object = change.object.description
            lines = change.lines
        }
    }

    /// What changes about system calls.
    package struct SystemCallEntry: Codable, Hashable, Sendable {
        package var object: String
        package var allowed: [String]
        package var denied: [String]
        package var allowsOthers: Bool
        package var position: SourcePosition?
        /// As a sentence.
        package var description: String

        init(_ change: SystemCallChange) {
            object = change.object.description
            allowed = change.allowed
            denied = change.denied
            allowsOthers = change.allowsOthers
            position = change.position
            description = change.description
        }
    }

    /// What is risky about the plan.
    package struct Warning: Codable, Hashable, Sendable {
        package var code: Risk.Code
        package var object: String?
        package var message: String
        package var position: SourcePosition?

        init(_ risk: Risk) {
            code = risk.code
            object = risk.object?.description
            message = risk.message
            position = risk.position
        }
    }

    /// - Parameter host: the name of the host that the plan is for; nil for none in particular.
    package init(_ preview: Preview, revision: Revision, host: String?) {
        self.init(preview.plan, revision: revision)
        self.host = host
        base = preview.base
        actions = preview.items.map(Entry.init)
        outlooks = preview.outlooks.map { OutlookEntry($0) }
        policies = preview.policies.map { PolicyEntry($0) }
        systemCalls = preview.systemCalls.map { SystemCallEntry($0) }
        warnings = preview.risks.map { Warning($0) }
    }
}

extension PlanDocument.Entry {
    fileprivate init(_ item: Preview.Item) {
        self.init(item.action)
        origin = item.origin
        lastDeclared = item.lastDeclared
        guard case .changed(let fields) = item.action.reason else { return }
        changes = fields.map { change in
            let isDrift = item.driftedFields.contains(change.field)
            return PlanDocument.ChangedField(
                field: change.field, from: change.from, to: change.to,
                origin: item.origin.map { _ in isDrift ? .drift : .commit })
        }
    }
}
