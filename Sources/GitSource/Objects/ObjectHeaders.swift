/// The lines before the first empty one of a commit or a tag; what follows is the message.
///
/// A line that begins with a blank goes on with the one before it.
struct ObjectHeaders {
    struct Header {
        var name: String
        /// The text after the name, the lines joined by line breaks.
        var value: [UInt8]
        /// The lines as they are, with their ends.
        var lines: Range<Int>
    }

    private(set) var headers: [Header] = []
    /// Where the message begins, past the empty line.
    private(set) var messageStart: Int

    /// nil for bytes that no git writes.
    init?(_ bytes: [UInt8]) {
        var position = 0
        messageStart = bytes.count
        while position < bytes.count {
            let end = bytes[position...].firstIndex(of: 0x0a) ?? bytes.count
            let next = min(end + 1, bytes.count)
            if end == position {
                messageStart = next
                return
            }
            let line = bytes[position..<end]
            if line.first == 0x20 {
                guard !headers.isEmpty else { return nil }
                headers[headers.count - 1].value += [0x0a] + line.dropFirst()
                headers[headers.count - 1].lines = headers[headers.count - 1].lines.lowerBound..<next
            } else {
                let name = line.prefix { $0 != 0x20 }
                guard let text = String(validating: name, as: UTF8.self) else { return nil }
                headers.append(Header(name: text, value: Array(line.dropFirst(name.count + 1)), lines: position..<next))
            }
            position = next
        }
    }

    /// The value of a header as text, when there is exactly one of that name. What is no UTF-8 becomes the replacement
    /// character: old commits have names in other encodings.
    func only(_ name: String) -> String? {
        let found = headers.filter { $0.name == name }
        return found.count == 1 ? found.first.map { String(decoding: $0.value, as: UTF8.self) } : nil
    }
}
