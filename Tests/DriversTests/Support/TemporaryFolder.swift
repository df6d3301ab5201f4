import FoundationEssentials

/// A folder of one test.
struct TemporaryFolder {
    let path: String

    init() throws {
        let name = "reconcile-\(UInt32.random(in: 0 ... .max))"
        path = FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(filePath: path + "/" + name))
    }

    // What is left of it is the system's to clear.
    func remove() { try? FileManager.default.removeItem(atPath: path) }
}

/// A file that lies beside the tests.
enum Fixture {
    static func data(_ name: String, from test: String = #filePath) throws -> Data {
        let tests = test.split(separator: "/").dropLast().joined(separator: "/")
        return try Data(contentsOf: URL(filePath: "/\(tests)/Fixtures/\(name).json"))
    }
}
