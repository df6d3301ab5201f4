import Glibc

/// The places of a file where libyaml would read on although YAML says otherwise, or leaves it undecided.
///
/// A byte alone says nothing: it may stand in a string or a comment. It is a finding once a node begins or ends there.
struct YAMLTraps {
    private enum Cause: UInt8 {
        /// Whitespace with a tab is the indentation of what begins here; libyaml lets it pass within brackets.
        case tab
        /// What begins here follows a `?` that is the beginning of a word, not a sign for a key.
        case questionMark
        /// The name of the anchor that begins here goes on behind the `:` where libyaml ends it.
        case anchor
        /// What ends here, or the head of a block scalar that begins here, has a `#` behind it without a space.
        case comment
    }

    /// Small, because a file of a mebibyte can hold half a million.
    private struct Trap {
        /// The place of the trap, once all are known.
        var line: UInt32 = 0
        var column: UInt32 = 0
        var offset: UInt32
        /// Where what is wrong stands.
        var sign: UInt32
        var cause: Cause

        init(_ cause: Cause, at offset: Int, sign: Int) {
            self.cause = cause
            self.offset = UInt32(offset)
            self.sign = UInt32(sign)
        }
    }

    private let bytes: YAMLBytes
    /// Each in the order of the file.
    private var starts: [Trap] = []
    private var ends: [Trap] = []

    /// Most files have none, which costs no more than looking for four characters.
    ///
    /// - Parameter tabs: whether to refuse tabs that YAML itself lets pass.
    init(_ bytes: YAMLBytes, buffer: UnsafeBufferPointer<UInt8>, tabs: Bool) {
        self.bytes = bytes
        if tabs { findTabs(buffer) }
        findAnchors(buffer)
        findQuestionMarks(buffer)
        findComments(buffer)
        place(&starts)
        place(&ends)
    }

    var isEmpty: Bool { starts.isEmpty && ends.isEmpty }

    /// What is wrong with a node or sign that begins and ends at these places.
    func finding(start: SourcePosition, end: SourcePosition) -> Diagnostic? {
        guard let trap = Self.find(start, in: starts) ?? Self.find(end, in: ends) else { return nil }
        let sign = bytes.position(of: Int(trap.sign))
        switch trap.cause {
        case .tab: return .tabIndentation(at: sign)
        case .questionMark: return Diagnostic(.syntax, at: sign, "'?' begins a word", hint: "put the word in quotes")
        case .anchor:
            return Diagnostic(.syntax, at: sign, "the name of an anchor has letters, digits, '_' and '-' only")
        case .comment: return Diagnostic(.syntax, at: sign, "a comment needs a space before its '#'")
        }
    }

    // MARK: Finding them

    private mutating func findTabs(_ buffer: UnsafeBufferPointer<UInt8>) {
        let start = bytes.start
        var index = start
        while let tab = buffer.firstOffset(of: 0x09, from: index) {
            var begin = tab
            while begin > index, buffer[begin - 1] == 0x20 { begin -= 1 }
            index = tab
            while index < buffer.count, buffer[index] == 0x20 || buffer[index] == 0x09 { index += 1 }
            let isIndentation = begin == start || buffer[begin - 1] == 0x0A || buffer[begin - 1] == 0x0D
            if isIndentation { starts.append(Trap(.tab, at: index, sign: tab)) }
        }
    }

    private mutating func findQuestionMarks(_ buffer: UnsafeBufferPointer<UInt8>) {
        let start = bytes.start
        var index = start
        while let mark = buffer.firstOffset(of: UInt8(ascii: "?"), from: index) {
            index = mark + 1
            let beginsWord = mark == start || " \t\r\n[{,".utf8.contains(buffer[mark - 1])
            if beginsWord, index < buffer.count, buffer[index] > 0x20 {
                starts.append(Trap(.questionMark, at: index, sign: mark))
            }
        }
    }

    private mutating func findAnchors(_ buffer: UnsafeBufferPointer<UInt8>) {
        let start = bytes.start
        var index = start
        while let sign = buffer.firstOffset(of: UInt8(ascii: "&"), from: index) {
            index = sign + 1
            while index < buffer.count, Self.isInName(buffer[index]) { index += 1 }
            let goesOn = index + 1 < buffer.count && buffer[index] == UInt8(ascii: ":") && buffer[index + 1] > 0x20
            if goesOn { starts.append(Trap(.anchor, at: sign, sign: sign)) }
        }
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private mutating func findComments(_ buffer: UnsafeBufferPointer<UInt8>) {
        let start = bytes.start
        var index = start
        while let sign = buffer.firstOffset(of: UInt8(ascii: "#"), from: index) {
            index = sign + 1
            guard sign > start else { continue }
            if "\"']}".utf8.contains(buffer[sign - 1]) { ends.append(Trap(.comment, at: sign, sign: sign)) }
            // `|`, then an indentation and a chomping indicator at most.
            var head = sign - 1
            while head > start, head > sign - 3, "+-123456789".utf8.contains(buffer[head]) { head -= 1 }
            if "|>".utf8.contains(buffer[head]) { starts.append(Trap(.comment, at: head, sign: sign)) }
        }
    }

    private func place(_ traps: inout [Trap]) {
        traps.sort { $0.offset < $1.offset }
        var place = bytes.position(of: bytes.start)
        var offset = bytes.start
        for index in traps.indices {
            let next = Int(traps[index].offset)
            bytes.advance(&place, from: offset, to: next)
            offset = next
            (traps[index].line, traps[index].column) = (UInt32(place.line), UInt32(place.column))
        }
    }

    private static func find(_ place: SourcePosition, in traps: [Trap]) -> Trap? {
        let wanted = (UInt32(place.line), UInt32(place.column))
        var (low, high) = (0, traps.count)
        while low < high {
            let middle = (low + high) / 2
            if (traps[middle].line, traps[middle].column) < wanted { low = middle + 1 } else { high = middle }
        }
        guard low < traps.count, (traps[low].line, traps[low].column) == wanted else { return nil }
        return traps[low]
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    /// Where the next such byte is.
    func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
        guard let baseAddress, start < count else { return nil }
        guard let found = memchr(baseAddress + start, CInt(byte), count - start) else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(baseAddress)
    }
}

extension Diagnostic {
    /// A tab where YAML wants spaces.
    static func tabIndentation(at place: SourcePosition) -> Diagnostic {
        Diagnostic(.tabIndentation, at: place, "tab in the indentation", hint: "indent with spaces")
    }
}
