import CLibFuzzer
import Specs

// usage: fuzz reader|loader [libFuzzer's options and folders]

/// The reader alone: events, nodes and findings of one file.
func fuzzReader(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let file = SpecFile(path: "f.yaml", bytes: Array(UnsafeBufferPointer(start: data, count: count)))
    let stream = YAMLReader.read(file)
    check(stream.diagnostics, of: file)
    _ = YAMLEventNotation(of: file)
    return 0
}

/// Everything that `validate` does with the files of a revision; a NUL ends one file and begins the next.
func fuzzLoader(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let parts = UnsafeBufferPointer(start: data, count: count).split(separator: 0, omittingEmptySubsequences: false)
    let files = parts.enumerated().map { SpecFile(path: "f\($0.offset).yaml", bytes: Array($0.element)) }
    let loaded = SpecLoader.load(files)
    precondition((loaded.specs == nil) == loaded.diagnostics.contains { $0.severity == .error })
    // The order of the files is no matter.
    precondition(SpecLoader.load(files.reversed()) == loaded)
    for diagnostic in loaded.diagnostics { check(diagnostic.description) }
    return 0
}

/// Findings must lie within the file, and be text that a terminal can show.
func check(_ diagnostics: [Diagnostic], of file: SpecFile) {
    for diagnostic in diagnostics {
        precondition(diagnostic.position.line >= 1 && diagnostic.position.column >= 1)
        precondition(diagnostic.position.line <= file.bytes.count + 1)
        precondition(diagnostic.position.column <= file.bytes.count + 1)
        check(diagnostic.description)
    }
}

func check(_ message: String) {
    precondition(!message.unicodeScalars.contains { $0.properties.generalCategory == .control })
}

guard CommandLine.argc >= 2, ["reader", "loader"].contains(CommandLine.arguments[1]) else {
    fatalError("usage: fuzz reader|loader [libFuzzer's options and folders]")
}
// libFuzzer takes the first argument as the name of the program.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
let status =
    if CommandLine.arguments[1] == "reader" {
        LLVMFuzzerRunDriver(&count, &arguments, fuzzReader)
    } else {
        LLVMFuzzerRunDriver(&count, &arguments, fuzzLoader)
    }
if status != 0 { fatalError("libFuzzer ended with \(status)") }
