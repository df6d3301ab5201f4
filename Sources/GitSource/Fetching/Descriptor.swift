import Glibc

/// Reading and writing whole byte sequences on file descriptors, through interruptions.
enum Descriptor {
    /// All bytes up to the end; nil when reading fails or there are more than `limit`.
    static func readAll(_ descriptor: Int32, limit: Int) -> [UInt8]? {
        var bytes: [UInt8] = []
        while true {
            switch readSome(descriptor, into: &bytes, limit: limit) {
            case .more: continue
            case .end: return bytes
            case .failed, .tooMuch: return nil
            }
        }
    }

    /// Everything up to the end of a file that is expected to have this many bytes; nil on failure and beyond the limit.
    static func readAll(_ descriptor: Int32, size: Int, limit: Int) -> [UInt8]? {
        // One byte more, so that the end shows itself in the same call.
        let capacity = min(max(size, 0), limit) + 1
        var count = 0
        var bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, initialized in
            repeat { count = read(descriptor, buffer.baseAddress, capacity) } while count < 0 && errno == EINTR
            initialized = max(count, 0)
        }
        guard count >= 0, count <= limit else { return nil }
        // A regular file gives less than was asked for at its end only.
        if count < capacity { return bytes }
        while true {
            switch readSome(descriptor, into: &bytes, limit: limit) {
            case .more: continue
            case .end: return bytes
            case .failed, .tooMuch: return nil
            }
        }
    }

    enum Progress {
        case more, end, failed, tooMuch
    }

    /// Appends what one read gives.
    static func readSome(_ descriptor: Int32, into bytes: inout [UInt8], limit: Int) -> Progress {
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: 64 << 10) { buffer, initialized in
            count = read(descriptor, buffer.baseAddress, buffer.count)
            initialized = max(count, 0)
        }
        if count < 0 { return errno == EINTR || errno == EAGAIN ? .more : .failed }
        if count == 0 { return .end }
        guard bytes.count + count <= limit else { return .tooMuch }
        bytes += chunk
        return .more
    }

    /// Writes everything; false when that fails.
    static func writeAll(_ descriptor: Int32, _ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}

/// The system's own words for an error number.
enum SystemError {
    static func text(_ number: Int32) -> String {
        String(cString: strerror(number)).lowercased()
    }
}
