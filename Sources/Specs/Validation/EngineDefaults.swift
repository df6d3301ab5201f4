/// A limit that says what the engine does anyway says nothing.
///
/// Only once all ResourceLimits are applied: a template that asks for the engine's default is not one that leaves the limit
/// to them.
enum EngineDefaults {
    static func leaveOut(of set: inout SpecSet) {
        for index in set.containerTemplates.indices {
            set.containerTemplates[index].spec.resources.leaveOutEngineDefaults()
        }
        set.updatePlaced { object in
            guard object.source.template.resources.saysEngineDefaults else { return }
            object.source.template.resources.leaveOutEngineDefaults()
        }
    }
}

extension Resources {
    fileprivate var saysEngineDefaults: Bool { shm != nil || memorySwap != nil }

    fileprivate mutating func leaveOutEngineDefaults() {
        if shm == Self.dockerShm { shm = nil }
        if case .limit(let swap) = memorySwap, swap == dockerMemorySwap { memorySwap = nil }
    }

    /// Memory and swap together where nothing is said: twice the memory; nil without a limit of memory.
    var dockerMemorySwap: ByteQuantity? {
        memory.map { ByteQuantity(bytes: $0.bytes > .max / 2 ? .max : $0.bytes * 2) }
    }
}
