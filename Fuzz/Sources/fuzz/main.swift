import CLibFuzzer
import NameFilter
import Specs

// usage: fuzz reader|loader|names [libFuzzer's options and folders]

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

/// A query and an upstream's answer to it, with two bytes in front that say how long the query is.
///
/// Whatever they are, an address that is opened is not in a blocked range, and a datagram is no longer than allowed.
func fuzzNames(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: data, count: count))
    guard bytes.count > 2 else { return 0 }
    let length = min(Int(bytes[0]) << 8 | Int(bytes[1]), bytes.count - 2)
    let now = ContinuousClock.now
    var core = FilterCore(at: now)
    let patterns = ["pypi.org", "*.example.com"].compactMap { try? DNSPattern.parse($0) }
    let bridge = FilterConfiguration.Bridge(name: "br0", addresses: [], rules: [NameRule(patterns: patterns)])
    _ = core.apply(FilterConfiguration(bridges: [bridge]), at: now)
    let query = Array(bytes[2..<2 + length])
    switch core.receive(query, from: .v4(1), bridge: "br0", overUDP: true, at: now) {
    case .drop: break
    case .reply(let reply): precondition((12...1_232).contains(reply.count))
    case .resolve(let ticket): check(ticket, Array(bytes[(2 + length)...]), &core, now)
    }
    return 0
}

func check(_ ticket: FilterCore.Ticket, _ bytes: [UInt8], _ core: inout FilterCore, _ now: ContinuousClock.Instant) {
    let question = ticket.query.question
    guard let message = try? UpstreamMessage.read(bytes, to: question),
        let code = ResponseCode(rawValue: message.code),
        let answer = try? VettedAnswer(message, to: question, code: code, limits: FilterLimits())
    else { return precondition(core.fail(ticket, .upstreamFailed).count >= 12) }
    let end = now + .seconds(60)
    let entry = AnswerCache.Entry(content: .answer(answer), expires: end, useless: end)
    if case .grant(let request) = core.prepare(ticket, entry, at: now) {
        for grant in request.grants(at: now) { precondition(BlockedRanges.containing(grant.address) == nil) }
        precondition(core.granted(request, at: now).isEmpty)
        guard case .reply(let reply) = core.prepare(ticket, entry, at: now) else { preconditionFailure("not open") }
        precondition((12...1_232).contains(reply.count))
    }
}

guard CommandLine.argc >= 2, ["reader", "loader", "names"].contains(CommandLine.arguments[1]) else {
    fatalError("usage: fuzz reader|loader|names [libFuzzer's options and folders]")
}
// libFuzzer takes the first argument as the name of the program.
var count = CommandLine.argc - 1
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv + 1
let status =
    switch CommandLine.arguments[1] {
    case "reader": LLVMFuzzerRunDriver(&count, &arguments, fuzzReader)
    case "loader": LLVMFuzzerRunDriver(&count, &arguments, fuzzLoader)
    default: LLVMFuzzerRunDriver(&count, &arguments, fuzzNames)
    }
if status != 0 { fatalError("libFuzzer ended with \(status)") }
