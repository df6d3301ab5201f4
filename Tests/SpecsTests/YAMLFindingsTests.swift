import Foundation
import Specs
import Testing

@Suite("What fuzzing found stays found")
struct YAMLFindingsTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Findings").path()
    static let names = (try? FileManager.default.contentsOfDirectory(atPath: folder).sorted()) ?? []

    @Test("each input is read, alone and as specs, in little time", arguments: names)
    func finding(name: String) throws {
        let bytes = try #require(FileManager.default.contents(atPath: "\(Self.folder)/\(name)"))
        let file = SpecFile(path: name, bytes: Array(bytes))
        let start = ContinuousClock.now
        _ = YAMLReader.read(file)
        _ = YAMLEventNotation(of: file)
        let loaded = SpecLoader.load([file])
        #expect((loaded.specs == nil) == loaded.diagnostics.contains { $0.severity == .error })
        #expect(ContinuousClock.now - start < .seconds(5))
    }
}
