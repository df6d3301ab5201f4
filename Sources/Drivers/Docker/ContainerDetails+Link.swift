import Glibc
import Reconciler
import Specs

extension ContainerDetails {
    /// Where a running container of ours is attached to the bridge of its object; nil where that cannot be seen.
    ///
    /// - Parameter engine: the engine's process; nil where it is out of our sight.
    func link(on engine: EngineProcess?) -> MemberLink? {
        guard let engine, state.status == "running",
            let process = ContainerProcess(pid: state.pid, container: id, on: engine),
            let mark = OwnershipMark(labels: labels),
            let endpoint = networkSettings?.networks?[DesiredObject.networkName(of: mark.object)] ?? nil,
            let hardware = endpoint.hardware, !hardware.isEmpty
        else { return nil }
        // As the container's own network sees it: the number of the other end, which is the host's. The process ends whenever it
        // likes, and other kernels in containers show no such file.
        guard let text = try? KernelFile.read(process.folder + "/root/sys/class/net/eth0/iflink"),
            let index = CgroupText.number(text), let port = Self.name(ofInterface: index)
        else { return nil }
        let bridge = RecreateHash.bridgeName(owner: mark.owner, object: mark.object)
        // What the engine leaves out is an empty text.
        let addresses = [endpoint.address, endpoint.addressV6].compactMap { $0.flatMap { try? IPAddress.parse($0) } }
        return MemberLink(bridge: bridge, port: port, hardware: hardware.lowercased(), addresses: addresses)
    }

    private static func name(ofInterface index: Int64) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
        guard let index = UInt32(exactly: index), if_indextoname(index, &buffer) != nil else { return nil }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
