import Drivers
import FoundationEssentials
import Reconciler
import Specs

/// A state directory, and a place in memory that every engine of this machine sees.
struct ClaimPlace {
    let state: TemporaryFolder
    let root = "/dev/shm/reconcile-\(UInt32.random(in: 0 ... .max))"
    let members: MemberFolders

    init() throws {
        state = try TemporaryFolder()
        members = MemberFolders(stateDirectory: state.path)
    }

    func remove() {
        state.remove()
        // Without a member there is none.
        try? FileManager.default.removeItem(atPath: root)
    }

    /// The claim folder of a member, as the host sees it.
    func folder(_ name: String) -> String { "\(root)/members/\(name)" }

    func text(_ path: String) -> String? { try? String(decoding: Data(contentsOf: URL(filePath: path)), as: UTF8.self) }

    func mode(_ path: String) -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.posixPermissions] as? Int
    }
}

extension Claim {
    /// Claim number so-and-so, with this container.
    static func sample(
        _ number: UInt64, container: String, id: String = "", environment: [String: String] = [:],
        files: [ClaimRequest.File] = []
    ) -> Claim {
        let pool = ResourceID(.warmPool, "agents")
        let request = ClaimRequest(
            pool: pool, holder: "alice", labels: ["tenant_id": "t1"], environment: environment, files: files)
        return Claim(
            id: ClaimID(number: number), request: request, phase: .binding,
            container: Container(instance: MemberInstance(MemberID(pool, 0), 1), id: id, name: container),
            source: .warm, ttl: .seconds(60), created: Instant(secondsSince1970: 1_000_000),
            expires: Instant(secondsSince1970: 1_000_060), notAfter: nil)
    }
}
