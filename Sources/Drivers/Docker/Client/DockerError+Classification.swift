package import Reconciler

// The one place that says what a failure means. A status alone does not tell: the engine answers 500 to malformed
// JSON, to a taken port and to a full disk. So its words are looked at first, and the status decides the rest.

extension DriverError {
    /// What an engine's refusal calls for.
    package init(_ refusal: DockerError) {
        let (disposition, code) = refusal.knownMeaning ?? refusal.meaningOfStatus
        let message =
            refusal.message.isEmpty
            ? "the engine answered \(refusal.status)" : "the engine answered \(refusal.status): \(refusal.message)"
        self.init(disposition, code, message, at: refusal.place)
    }

    /// What it calls for that no answer came.
    ///
    /// A write that was (or may have been) sent is `.unknown`: of the creates that lost their answer in our
    /// measurements some had happened, and of the starts all had left a container.
    init(_ failure: TransportFailure, isWrite: Bool, place: String) {
        let afterSending: Disposition = isWrite ? .unknown : .transient
        switch failure {
        case .notConnected(let reason):
            self.init(.transient, .engineUnreachable, "the engine cannot be reached: \(reason)", at: place)
        case .deadlineExceeded(let limit):
            self.init(afterSending, .timedOut, "the engine did not answer within \(limit)", at: place)
        case .replyLost(let reason):
            self.init(afterSending, .engineUnreachable, "the connection broke: \(reason)", at: place)
        case .bodyTooLarge:
            self.init(afterSending, .badResponse, "the engine's answer is longer than is read", at: place)
        case .malformed(let reason):
            self.init(afterSending, .badResponse, "the engine's answer is not HTTP: \(reason)", at: place)
        case .cancelled:
            self.init(afterSending, .timedOut, "the call was given up before its answer", at: place)
        }
    }
}

extension DockerError {
    typealias Meaning = (DriverError.Disposition, DriverError.Code)

    /// Refusals that are known by their words, checked in order.
    ///
    /// A taken port and a full disk are transient although only a person may be able to help: both are cured outside
    /// of our specs, often by our own next steps (the old member stops, rubbish is removed), and nothing happened.
    fileprivate var knownMeaning: Meaning? {
        let text = message.lowercased()
        func says(_ phrases: String...) -> Bool { phrases.contains { text.contains($0) } }

        if says("no space left on device") { return (.transient, .noSpace) }
        if says("port is already allocated", "address already in use", "ports are not available") {
            return (.transient, .portTaken)
        }
        if says("bind source path does not exist") { return (.terminal, .mountSourceMissing) }
        // cgroup v1 refuses a limit below what is in use, and the engine then takes back the whole update.
        if says("unable to set memory limit") { return (.terminal, .memoryInUse) }
        // Answered with 500, although it is for good.
        if says("storage-opt is supported only", "--storage-opt is supported only", "storage opts not supported") {
            return (.terminal, .badRequest)
        }
        if status == 400, says("client version") {
            // "too new" means that the engine went back a version: the next negotiation settles it.
            return (says("too new") ? .transient : .terminal, .apiVersionUnsupported)
        }
        // A logging driver that only sends logs away; 501.
        if says("does not support reading") { return (.terminal, .badRequest) }
        if says("no such image") { return (.terminal, .imageNotFound) }
        if says("manifest unknown", "manifest for", "repository does not exist", "pull access denied") {
            return (.terminal, .imageNotFound)
        }
        // 403 in older engines, 400 in newer ones: another network has the range or the bridge.
        if says("pool overlaps", "conflicts with network", "networks have same bridge name") {
            return (.conflict, .conflict)
        }
        if says("has active endpoints") { return (.conflict, .conflict) }
        // What was under way when the engine was killed. No later start can succeed: another container must take its place.
        if status == 500, says("task "), says(": already exists") { return (.conflict, .taskExists) }
        // The same of an engine with live-restore that has begun anew: the task still runs, and it cannot take it away.
        if status == 500, says("id already in use") { return (.conflict, .taskExists) }
        if status == 409, says("is already in use by container", "already exists") { return (.conflict, .nameConflict) }
        // Sending other fields than ours, which a retry would send again.
        if status == 409, says("conflicting options", "update the memoryswap at the same time") {
            return (.terminal, .badRequest)
        }
        // The engine answers 500, not 400, to JSON that it cannot read.
        if status == 500, says("unexpected eof", "cannot unmarshal", "invalid character") {
            return (.terminal, .badRequest)
        }
        return nil
    }

    fileprivate var meaningOfStatus: Meaning {
        switch status {
        case 401: (.terminal, .unauthorized)
        case 403: (.terminal, .unauthorized)
        case 404: (.conflict, .notFound)
        case 409: (.conflict, .conflict)
        case 400..<500: (.terminal, .badRequest)
        // The engine may have done a part of it before it failed.
        case 500...: (isWrite ? .unknown : .transient, .serverError)
        // Neither a success nor an error: not this API.
        default: (isWrite ? .unknown : .transient, .badResponse)
        }
    }
}
