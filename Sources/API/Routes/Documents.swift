package import Reconciler
package import Specs

/// `GET /v1/objects`.
package struct ObjectList: Codable, Hashable, Sendable {
    package var revision: Revision?
    package var items: [HostStatus.ObjectStatus]

    /// - Parameter kind: only of this kind; nil is all.
    init(_ status: HostStatus, kind: ResourceKind?) {
        revision = status.revision
        items = kind.map { kind in status.objects.filter { $0.id.kind == kind } } ?? status.objects
    }
}

/// `GET /v1/conditions`: of the host first, then object by object.
package struct ConditionList: Codable, Hashable, Sendable {
    package struct Item: Codable, Hashable, Sendable {
        /// nil is the host.
        package var object: ResourceID?
        package var condition: Condition
    }

    package var items: [Item]

    /// - Parameter type: only of this type; nil is all.
    init(_ status: HostStatus, of type: Condition.ConditionType?) {
        items = (status.conditions ?? status.hostConditions).map { Item(object: nil, condition: $0) }
        items += status.objects.flatMap { object in object.conditions.map { Item(object: object.id, condition: $0) } }
        if let type { items = items.filter { $0.condition.type == type } }
    }
}

/// `GET /v1/recommendations`, by kind and name; objects of which nothing is known yet are left out.
package struct RecommendationList: Codable, Hashable, Sendable {
    package var items: [Recommendation]
}

/// One event as the API shows it.
package struct EventDocument: Codable, Hashable, Sendable {
    package var time: Instant
    package var severity: EventRecord.Severity
    /// `Workload/web` or one of its members, `Workload/web/0`; nil is the host.
    package var key: String?
    package var reason: String
    package var message: String
    /// The id of the revision in force then.
    package var revision: String?

    package init(_ event: EventRecord) {
        time = event.time
        severity = event.severity
        key = event.key?.description
        reason = event.reason
        message = event.message
        revision = event.revision
    }
}

/// `GET /v1/events`, oldest first.
package struct EventList: Codable, Hashable, Sendable {
    package var items: [EventDocument]
}

/// `GET /v1/history`, newest first.
package struct RevisionList: Codable, Hashable, Sendable {
    package var items: [RevisionRecord]
}
