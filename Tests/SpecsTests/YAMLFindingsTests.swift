import Foundation
import Specs
import Testing

@Suite("What fuzzing found stays found")
struct YAMLFindingsTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Findings").path()
    /// A folder that cannot be read is noticed by the test below.
    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []

    @Test("there are inputs")
    func inputsExist() { #expect(Self.names.count >= 4) }

    @Test("each input is read to its end, alone and as specs", .timeLimit(.minutes(1)), arguments: names)
    func finding(name: String) throws {
        let bytes = try #require(FileManager.default.contents(atPath: "\(Self.folder)/\(name)"))
        let file = SpecFile(path: name, bytes: Array(bytes))
        _ = YAMLReader.read(file)
        _ = YAMLEventNotation(of: file)
        let loaded = SpecLoader.load([file])
        #expect((loaded.specs == nil) == loaded.diagnostics.contains { $0.severity == .error })
    }
}
