/// The parts of a file up to each `...`, made ready for libyaml.
///
/// libyaml wants `---` behind every `...`, refuses directives that it does not know, and loses the last blank line of a
/// block scalar that has no line break. So every part gets a parser of its own, directives before the first document of
/// a part that libyaml refuses are hidden as comments, and a missing line break is added.
struct YAMLParts {
    /// What a `%YAML` directive says, and where it stands.
    struct Version {
        var major: Int
        var minor: Int
        var place: SourcePosition
    }

    struct Part {
        /// Where the part is in ``patched``, or in the bytes of the file.
        var range: Range<Int>
        /// The line of its first byte, from 1.
        var line = 1
        /// Of the `%YAML` directive of its first document, if there is one.
        var version: Version?
        /// The place of the first directive that YAML does not define.
        var reserved: SourcePosition?
        /// What is wrong with the directives.
        var problem: Diagnostic?
        fileprivate var directive: SourcePosition?
        fileprivate var hasContent = false
    }

    /// At least one.
    private(set) var parts: [Part] = []
    /// The bytes of the file with what libyaml should see instead, unless they can stay as they are.
    private(set) var patched: [UInt8]?

    private let bytes: YAMLBytes

    /// - Parameter most: how many parts are told apart; the last one holds the rest of the file.
    init(_ bytes: YAMLBytes, buffer: UnsafeBufferPointer<UInt8>, most: Int) {
        self.bytes = bytes
        if buffer.last == 0x20 { patched = bytes.file.bytes + [0x0A] }
        let whole = bytes.start..<(patched?.count ?? buffer.count)
        let text = UnsafeBufferPointer(rebasing: buffer[bytes.start...])
        guard text.firstOffset(of: UInt8(ascii: "%")) != nil || Self.holdsEndMarker(text) else {
            parts = [Part(range: whole)]
            return
        }
        split(buffer, most: most)
        if let last = parts.indices.last { parts[last].range = parts[last].range.lowerBound..<whole.upperBound }
        if parts.isEmpty { parts = [Part(range: whole.upperBound..<whole.upperBound)] }
    }

    private static func holdsEndMarker(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        var index = 0
        while let dot = text.firstOffset(of: UInt8(ascii: "."), from: index) {
            if dot == 0 || isBreak(text[dot - 1]), text[dot...].starts(with: "...".utf8) { return true }
            index = dot + 1
        }
        return false
    }

    private mutating func split(_ buffer: UnsafeBufferPointer<UInt8>, most: Int) {
        var (begin, number) = (bytes.start, 1)
        var part = Part(range: begin..<begin)
        while begin < buffer.count, parts.count < most {
            var end = begin
            while end < buffer.count, !bytes.endsLine(at: end, in: buffer) { end += 1 }
            end = min(end + 1, buffer.count)
            let line = buffer[begin..<end]
            part.range = part.range.lowerBound..<end
            let place = SourcePosition(in: bytes.name, line: number, column: 1)
            if Self.isEndMarker(line) {
                finish(&part, at: place)
                part = Part(range: end..<end, line: number + 1)
            } else if !part.hasContent {
                readPrologue(line, at: place, into: &part)
            }
            (begin, number) = (end, number + 1)
        }
        finish(&part, at: SourcePosition(in: bytes.name, line: number, column: 1))
    }

    private mutating func finish(_ part: inout Part, at place: SourcePosition) {
        if part.directive != nil, !part.hasContent { requireDocument(&part, at: place) }
        // Comments between end markers are no part: they hold no document.
        if part.hasContent || part.directive != nil { parts.append(part) }
    }

    /// One line before the first document of a part.
    private mutating func readPrologue(
        _ line: Slice<UnsafeBufferPointer<UInt8>>, at place: SourcePosition, into part: inout Part
    ) {
        guard let first = line.first(where: { !Self.isBlank($0) }), first != UInt8(ascii: "#") else { return }
        guard line.first == UInt8(ascii: "%") else {
            part.hasContent = true
            if part.directive != nil, !line.starts(with: "---".utf8) { requireDocument(&part, at: place) }
            return
        }
        part.directive = part.directive ?? place
        let words = line.prefix { !Self.isBreak($0) }.split(whereSeparator: Self.isBlank)
        guard let name = words.first, !name.elementsEqual("%TAG".utf8) else { return }
        if name.elementsEqual("%YAML".utf8) {
            readVersion(words, at: place, into: &part)
            if let version = part.version, version.major == 1, (1...2).contains(version.minor) { return }
        } else {
            part.reserved = part.reserved ?? place
        }
        // The same length, so that all places stay as they are.
        if patched == nil { patched = bytes.file.bytes }
        patched?[line.startIndex] = UInt8(ascii: "#")
    }

    private func readVersion(
        _ words: [Slice<UnsafeBufferPointer<UInt8>>], at place: SourcePosition, into part: inout Part
    ) {
        let numbers = words.dropFirst().first.map { word in
            String(decoding: word, as: UTF8.self).split(separator: ".", omittingEmptySubsequences: false).map {
                Int($0)
            }
        }
        let isComment = words.dropFirst(2).first.map { $0.first == UInt8(ascii: "#") } ?? true
        if part.version != nil {
            part.problem = part.problem ?? Diagnostic(.syntax, at: place, "a second %YAML directive")
        } else if let numbers, numbers.count == 2, let major = numbers[0], let minor = numbers[1], isComment {
            part.version = Version(major: major, minor: minor, place: place)
        } else {
            part.problem = part.problem ?? Diagnostic(.unsupportedDirective, at: place, Self.onlySupported)
        }
    }

    private func requireDocument(_ part: inout Part, at place: SourcePosition) {
        part.problem = part.problem ?? Diagnostic(.syntax, at: place, "expected '---' after the directives")
    }

    static let onlySupported = "only the directive '%YAML 1.2' is supported"

    private static func isEndMarker(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        guard line.starts(with: "...".utf8) else { return false }
        return line.dropFirst(3).first.map { isBlank($0) } ?? true
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || isBreak(byte) }
}
