/// The bytes of a file, checked before any YAML is read into them.
///
/// libyaml gives no useful place for bad bytes, takes some characters as line breaks that YAML 1.2 does not, and
/// compares every `%TAG` directive with all others; so these are refused here.
struct YAMLBytes {
    let file: SpecFile
    /// The file's path, for its positions.
    let name: SourceName
    /// The index of the first byte after a byte order mark.
    let start: Int

    init(_ file: SpecFile) {
        self.file = file
        name = SourceName(file.path)
        start = file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The first thing that must not be in a file of specs, if there is one; `buffer` is the storage of the bytes.
    func firstProblem(_ limits: YAMLLimits, in buffer: UnsafeBufferPointer<UInt8>) -> Diagnostic? {
        if buffer.count > limits.bytes {
            let place = SourcePosition(in: name, line: 1, column: 1)
            let message = "file has \(buffer.count) bytes, more than the \(limits.bytes) that are read"
            return Diagnostic(.limitExceeded, at: place, message, hint: "split it into several files")
        }
        var index = start
        while index < buffer.count {
            index = Self.skipHarmless(buffer, from: index)
            guard index < buffer.count else { break }
            let byte = buffer[index]
            if byte < 0x80 {
                if Self.isControl(byte) { return forbidden(UInt32(byte), index) }
                if byte == UInt8(ascii: "%"), beginsLine(index, in: buffer), isTagDirective(buffer, index) {
                    return tagDirective(index)
                }
                index += 1
                continue
            }
            guard let (scalar, length) = Self.decode(buffer, index) else { return notUTF8(byte, index) }
            if Self.isForbidden(scalar) { return forbidden(scalar, index) }
            index += length
        }
        return nil
    }

    /// Line and column of a byte, both from 1; the column counts Unicode scalars.
    func position(of offset: Int) -> SourcePosition {
        var place = SourcePosition(in: name, line: 1, column: 1)
        advance(&place, from: start, to: offset)
        return place
    }

    /// Moves the place of one byte on to that of a later one.
    func advance(_ place: inout SourcePosition, from first: Int, to offset: Int) {
        guard first < offset else { return }
        var (line, column) = (place.line, place.column)
        file.bytes.withUnsafeBufferPointer { buffer in
            for index in first..<offset {
                if endsLine(at: index, in: buffer) {
                    (line, column) = (line + 1, 1)
                } else if buffer[index] & 0xC0 != 0x80 {
                    column += 1
                }
            }
        }
        (place.line, place.column) = (line, column)
    }

    /// Whether the byte is the last one of a line: LF, or CR without an LF behind it.
    func endsLine(at index: Int, in buffer: UnsafeBufferPointer<UInt8>) -> Bool {
        buffer[index] == 0x0A || (buffer[index] == 0x0D && !(index + 1 < buffer.count && buffer[index + 1] == 0x0A))
    }

    /// The place of the first tab among the whitespace at the beginning of a line (from 1), if there is one.
    func indentingTab(line: Int) -> SourcePosition? {
        var place = SourcePosition(in: name, line: 1, column: 1)
        return file.bytes.withUnsafeBufferPointer { buffer in
            var index = start
            while place.line < line, index < buffer.count {
                if endsLine(at: index, in: buffer) { place.line += 1 }
                index += 1
            }
            while place.line == line, index < buffer.count, buffer[index] == 0x20 {
                place.column += 1
                index += 1
            }
            return place.line == line && index < buffer.count && buffer[index] == 0x09 ? place : nil
        }
    }

    private func beginsLine(_ index: Int, in buffer: UnsafeBufferPointer<UInt8>) -> Bool {
        index == start || buffer[index - 1] == 0x0A || buffer[index - 1] == 0x0D
    }

    /// The index of the next byte that deserves a look, or one before it: most text goes by eight bytes at a time.
    private static func skipHarmless(_ buffer: UnsafeBufferPointer<UInt8>, from index: Int) -> Int {
        let raw = UnsafeRawBufferPointer(buffer)
        let (ones, highs): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        var index = index
        while index + 8 <= raw.count {
            let word = raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            // Each term sets the high bit of the lowest byte that it is about; what it does above that is no matter.
            let percent = word ^ (ones &* 0x25)
            let special = word | (word &+ ones) | (word &- ones &* 0x20) | (percent &- ones) & ~percent
            let next = index + 8
            if special & highs == 0 {
                index = next
                continue
            }
            // A line break, most of the time.
            while index < next, isHarmless(raw[index]) { index += 1 }
            if index < next { return index }
        }
        while index < raw.count, isHarmless(raw[index]) { index += 1 }
        return index
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        byte < 0x80 && !isControl(byte) && byte != UInt8(ascii: "%")
    }

    private static func isControl(_ byte: UInt8) -> Bool {
        (byte < 0x20 || byte == 0x7F) && byte != 0x0A && byte != 0x0D && byte != 0x09
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
