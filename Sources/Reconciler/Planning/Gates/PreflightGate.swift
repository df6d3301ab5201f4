package import Specs

/// How much must be free where the engine keeps its data before anything is started there.
package struct PreflightThresholds: Hashable, Sendable {
    package enum DiskSpace: Hashable, Sendable {
        case bytes(ByteQuantity)
        case share(Percentage)
    }

    package var minFreeDisk: DiskSpace?

    /// 5 % as the kubelet keeps of inodes, but no more than 2 GiB: a large disk is not short of room at 5 %, and a
    /// container needs some megabytes for its own layer and log.
    package static let `default` = PreflightThresholds()

    package init(minFreeDisk: DiskSpace? = nil) { self.minFreeDisk = minFreeDisk }

    /// Bytes that must be free on a disk of this size.
    package func bytes(of size: Int64) -> Int64 {
        switch minFreeDisk {
        case nil: min(2 << 30, size / 20)
        case .bytes(let bytes): bytes.bytes
        case .share(let share): Int64(Double(size) * Double(share.hundredths) / 10_000)
        }
    }
}

/// Nothing is started, and nothing that must be started again is stopped, where a start would fail.
///
/// On a full disk, or with Docker's chains gone from the firewall, `restart` stops a container and cannot bring it
/// back. A plain start of what is down already has nothing to lose, and a removal makes room.
struct PreflightGate: Gate {
    /// One in so many inodes must be free: a layer is thousands of files.
    private static let minFreeInodes = 50

    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard Self.needsAStart(action, view) else { return nil }
        return Hold([view.context.diskHold, view.context.firewallHold].compactMap(\.self))
    }

    private static func needsAStart(_ action: Action, _ view: ObjectView) -> Bool {
        switch action.verb {
        case .create, .replace, .restart, .pull: true
        // What takes over from it is not up yet.
        case .remove: action.reason == .surplus && view.costsAvailability(action)
        case .update, .start, .stop, .pause, .unpause, .rename, .await: false
        }
    }

    static func diskHold(_ facts: PreflightFacts, _ thresholds: PreflightThresholds) -> Hold? {
        if let free = facts.dataFree, let size = facts.dataSize {
            let least = thresholds.bytes(of: size)
            if free < least {
                let message =
                    "\(ByteQuantity(bytes: free).rounded) of \(ByteQuantity(bytes: size).rounded) are free where the "
                    + "engine keeps its data; make room, for instance by 'docker image prune'"
                return Hold(.lowDisk, message, until: .diskFree(bytes: least))
            }
        }
        guard let free = facts.inodesFree, let all = facts.inodes, all > 0, free < all / Int64(minFreeInodes) else {
            return nil
        }
        let message = "\(free) of \(all) inodes are free where the engine keeps its data; remove what has many files"
        return Hold(.lowDisk, message)
    }

    static func firewallHold(_ facts: PreflightFacts, chainsWereSeen: Bool) -> Hold? {
        guard facts.firewallChains == .missing, chainsWereSeen else { return nil }
        let message =
            "somebody removed Docker's chains from the firewall, and containers cannot be started without them; "
            + "restart Docker (with live-restore, containers keep running)"
        return Hold(.firewallDamaged, message, until: .engineRestart)
    }
}
