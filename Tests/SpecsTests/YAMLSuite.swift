import Foundation
import Specs
import Testing

/// The YAML test suite, which is not part of the repository: its place comes from the environment.
enum YAMLSuite {
    static let folder = ProcessInfo.processInfo.environment["RECONCILE_CORPORA"].map {
        URL(filePath: $0).appending(path: "yaml-test-suite/cases")
    }
    static let absence: Comment = "set RECONCILE_CORPORA to the folder that holds yaml-test-suite"

    /// One case: a text, and the events that it stands for or that it is not YAML.
    struct Case: Sendable, CustomTestStringConvertible {
        var id: String
        var file: SpecFile
        var events: [String]
        var isInvalid: Bool

        var testDescription: String { id }

        /// nil when libyaml gives what the suite wants.
        var failure: YAMLSuiteExpectations.Kind? {
            let notation = YAMLEventNotation(of: file)
            if isInvalid { return notation.problem == nil ? .accepted : nil }
            if notation.problem != nil { return .refused }
            return notation.lines == events ? nil : .misread
        }
    }

    /// In the order of their names; none without the folder.
    static func cases() throws -> [Case] {
        guard let folder else { return [] }
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path()).sorted()
        return try names.map { name in
            let place = folder.appending(path: name)
            let events = String(decoding: try Data(contentsOf: place.appending(path: "test.event")), as: UTF8.self)
            return Case(
                id: name,
                file: SpecFile(path: "in.yaml", bytes: Array(try Data(contentsOf: place.appending(path: "in.yaml")))),
                events: events.split(separator: "\n").map { String($0) },
                isInvalid: FileManager.default.fileExists(atPath: place.appending(path: "error").path()))
        }
    }
}
