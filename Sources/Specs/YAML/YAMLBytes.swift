/// The bytes of a file, checked before any YAML is read into them.
///
/// libyaml gives no useful place for bad bytes, takes some characters as line breaks that YAML 1.2 does not, and
/// compares every `%TAG` directive with all others; so these are refused here.
struct YAMLBytes {
    let file: SpecFile
    /// The index of the first byte after a byte order mark.
    let start: Int

    init(_ file: SpecFile) {
        self.file = file
        start = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The first thing that must not be in a file of specs, if there is one.
    func firstProblem(_ limits: YAMLLimits) -> Diagnostic? {
        if file.bytes.count > limits.bytes {
            let place = SourcePosition(file: file.path, line: 1, column: 1)
            let message = "file has \(file.bytes.count) bytes, more than the \(limits.bytes) that are read"
            return Diagnostic(.limitExceeded, at: place, message, hint: "split it into several files")
        }
        return file.bytes.withUnsafeBufferPointer { firstProblem(in: $0) }
    }

    /// Line and column of a byte, both from 1; the column counts Unicode scalars.
    func position(of offset: Int) -> SourcePosition {
        var (line, column) = (1, 1)
        for index in start..<max(start, offset) {
            let byte = file.bytes[index]
            let endsLine = byte == 0x0A || (byte == 0x0D && !(index + 1 < offset && file.bytes[index + 1] == 0x0A))
            if endsLine {
                (line, column) = (line + 1, 1)
            } else if byte & 0xC0 != 0x80 {
                column += 1
            }
        }
        return SourcePosition(file: file.path, line: line, column: column)
    }

    /// The place of the first tab among the whitespace at the beginning of a line (from 1), if there is one.
    func indentingTab(line: Int) -> SourcePosition? {
        var current = 1
        var isIndentation = true
        for index in start..<file.bytes.count {
            let byte = file.bytes[index]
            if current == line, isIndentation, byte == 0x09 { return position(of: index) }
            if current > line { return nil }
            let isBreak = byte == 0x0A || (byte == 0x0D && !(file.bytes.dropFirst(index + 1).first == 0x0A))
            if isBreak { current += 1 }
            isIndentation = isBreak || (isIndentation && (byte == 0x20 || byte == 0x09))
        }
        return nil
    }

    private func firstProblem(in bytes: UnsafeBufferPointer<UInt8>) -> Diagnostic? {
        var index = start
        var isLineStart = true
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x80 {
                if byte < 0x20 || byte == 0x7F {
                    guard byte == 0x0A || byte == 0x0D || byte == 0x09 else { return forbidden(UInt32(byte), index) }
                } else if isLineStart, byte == UInt8(ascii: "%"), isTagDirective(bytes, index) {
                    return tagDirective(index)
                }
                isLineStart = byte == 0x0A || byte == 0x0D
                index += 1
                continue
            }
            isLineStart = false
            guard let (scalar, length) = Self.decode(bytes, index) else { return notUTF8(byte, index) }
            if Self.isForbidden(scalar) { return forbidden(scalar, index) }
            index += length
        }
        return nil
    }

    private func isTagDirective(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Bool {
        bytes[index...].starts(with: "%TAG".utf8)
    }

    private func tagDirective(_ index: Int) -> Diagnostic {
        Diagnostic(.unsupportedDirective, at: position(of: index), "%TAG directives are not supported")
    }

    private func notUTF8(_ byte: UInt8, _ index: Int) -> Diagnostic {
        let hex = String(byte, radix: 16, uppercase: true)
        return Diagnostic(.invalidEncoding, at: position(of: index), "byte 0x\(hex) is not UTF-8")
    }

    private func forbidden(_ scalar: UInt32, _ index: Int) -> Diagnostic {
        let hex = String(scalar, radix: 16, uppercase: true)
        let name = "U+" + String(repeating: "0", count: max(0, 4 - hex.count)) + hex
        let kind =
            switch scalar {
            case 0: "NUL "
            case 0x85, 0x2028, 0x2029: "line separator "
            case _ where Self.isBidirectional(scalar): "text direction character "
            default: "control character "
            }
        return Diagnostic(
            .forbiddenCharacter, at: position(of: index), "\(kind)\(name) is not allowed",
            hint: scalar == 0 ? nil : "remove it, or write an escape in a double-quoted string")
    }

    /// One scalar of two or more bytes by table 3-7 of the Unicode Standard, and its length; nil if ill-formed.
    private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> (UInt32, Int)? {
        let lead = bytes[index]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return nil
        }
        guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return nil }
        var scalar = UInt32(lead) & (0x7F >> UInt32(length))
        for next in bytes[(index + 1)..<(index + length)] {
            guard next & 0xC0 == 0x80 else { return nil }
            scalar = scalar << 6 | UInt32(next & 0x3F)
        }
        return (scalar, length)
    }

    private static func isForbidden(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x80...0x9F, 0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF: true
        default: isBidirectional(scalar)
        }
    }

    /// Characters that make text look different from what it is: CVE-2021-42574.
    private static func isBidirectional(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
