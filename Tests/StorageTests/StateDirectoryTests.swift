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

    @Test("a new state directory is closed to others")
    func mode() throws {
        let scratch = try ScratchState()
        _ = try StateDirectory(path: scratch.path + "/new")
        let attributes = try FileManager.default.attributesOfItem(atPath: scratch.path + "/new")
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
    }
}
