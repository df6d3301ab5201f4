import Foundation
import Storage
import Testing

struct StateDirectoryTests {
    @Test("the lock keeps a second instance out until the first lets go")
    func lock() throws {
        let scratch = try ScratchState()
        let directory = try StateDirectory(path: scratch.path)
        var first = try directory.lock()
        #expect(first != nil)
        #expect(try directory.lock() == nil)
        first = nil
        #expect(try directory.lock() != nil)
    }

    @Test("the identity of the host is made once")
    func hostID() throws {
        let scratch = try ScratchState()
        let id = try StateDirectory(path: scratch.path).hostID()
        #expect(UUID(uuidString: id) != nil)
        #expect(try StateDirectory(path: scratch.path).hostID() == id)
        #expect(try scratch.names == ["host-id"])
    }

    @Test("an empty file of the identity, as a power loss can leave it, is no identity")
    func emptyHostID() throws {
        let scratch = try ScratchState()
        try Data().write(to: URL(fileURLWithPath: scratch.path + "/host-id"))
        #expect(UUID(uuidString: try StateDirectory(path: scratch.path).hostID()) != nil)
    }

    @Test(
        "nobody else sees what is in a state directory, new or old; the process that root fetches with passes through")
    func mode() throws {
        let scratch = try ScratchState()
        let old = scratch.path + "/old"
        try FileManager.default.createDirectory(
            atPath: old, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        for path in [scratch.path + "/new", old] {
            _ = try StateDirectory(path: path)
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            let mode = (attributes[.posixPermissions] as? NSNumber)?.intValue
            #expect(mode == (geteuid() == 0 ? 0o711 : path == old ? 0o755 : 0o700), "\(path)")
        }
    }
}
