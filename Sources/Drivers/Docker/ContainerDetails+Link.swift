import Glibc
import Reconciler
import Specs

extension ContainerDetails {
    /// Where a running container of ours is attached to the bridge of its object; nil where that cannot be seen.
    ///
    /// - Parameter engine: the engine's process; nil where it is out of our sight.
    func link(on engine: EngineProcess?) -> MemberLink? {
        guard let engine, state.status == "running", let pid = state.pid, pid > 0,
            let mark = OwnershipMark(labels: labels),
            let endpoint = networkSettings?.networks?[DesiredObject.networkName(of: mark.object)] ?? nil,
            let hardware = endpoint.hardware, !hardware.isEmpty
        else { return nil }
        let bridge = RecreateHash.bridgeName(owner: mark.owner, object: mark.object)
        // As the container's own network sees it: the number of the other end, which is the host's.
        let path = "/proc/\(pid)/root/sys/class/net/eth0/iflink"
        for file in [engine.path(of: path), path] {
            // It ends whenever it likes, and other kernels in containers show no such file.
            guard let text = try? KernelFile.read(file), let index = CgroupText.number(text),
                let port = Self.name(ofInterface: index)
            else { continue }
            // What the engine leaves out is an empty text.
            let addresses = [endpoint.address, endpoint.addressV6].compactMap {
                $0.flatMap { try? IPAddress.parse($0) }
            }
            return MemberLink(bridge: bridge, port: port, hardware: hardware.lowercased(), addresses: addresses)
        }
        return nil
    }

    private static func name(ofInterface index: Int64) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard let index = UInt32(exactly: index), if_indextoname(index, &buffer) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
