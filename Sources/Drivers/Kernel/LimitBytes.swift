import Glibc

/// What the files of one container's limits said at one look, as they are: most looks find the very bytes of the look
/// before, and comparing these costs a tenth of finding out what they say.
struct LimitBytes {
    /// File by file: how long it is, in four bytes, -1 where there is none; and its bytes.
    private var bytes: [UInt8]
    private let files: ClosedRange<Int>
    private let version: CgroupFile.Version

    /// - Parameter buffer: as large as all of them together may be; what does not fit is cut off.
    init(_ container: ContainerFiles, includingThrottles: Bool, _ buffer: UnsafeMutableRawBufferPointer) {
        files = CgroupFile.limits(includingThrottles: includingThrottles)
        version = container.version
        bytes = Array(Self.read(files, of: container, into: buffer))
    }

    /// Whether the files still say the same.
    func isSame(_ container: ContainerFiles, _ buffer: UnsafeMutableRawBufferPointer) -> Bool {
        let now = Self.read(files, of: container, into: buffer)
        return bytes.withUnsafeBytes { known in
            guard known.count == now.count, let one = known.baseAddress, let other = now.baseAddress else {
                return false
            }
            return memcmp(one, other, known.count) == 0
        }
    }

    private static func read(
        _ files: ClosedRange<Int>, of container: ContainerFiles, into buffer: UnsafeMutableRawBufferPointer
    ) -> UnsafeRawBufferPointer {
        let header = MemoryLayout<Int32>.size
        var end = 0
        for number in files {
            guard let file = CgroupFile(rawValue: number), end + header <= buffer.count else { break }
            let content = container.bytes(file, UnsafeMutableRawBufferPointer(rebasing: buffer[(end + header)...]))
            buffer.storeBytes(of: content.map { Int32($0.count) } ?? -1, toByteOffset: end, as: Int32.self)
            end += header + (content?.count ?? 0)
        }
        return UnsafeRawBufferPointer(rebasing: buffer[..<end])
    }

    /// What they say; nil where the group is gone.
    var limits: CgroupLimits? {
        var texts: [CgroupFile: String] = [:]
        bytes.withUnsafeBytes { bytes in
            var start = 0
            for number in files {
                guard let file = CgroupFile(rawValue: number), start + 4 <= bytes.count else { break }
                let count = Int(bytes.loadUnaligned(fromByteOffset: start, as: Int32.self))
                start += 4
                guard count >= 0 else { continue }
                texts[file] = String(decoding: bytes[start..<start + count], as: UTF8.self)
                start += count
            }
        }
        let hasThrottles = files.contains(CgroupFile.writeOperations.rawValue)
        return CgroupLimits(version, includingThrottles: hasThrottles) { texts[$0] }
    }
}
