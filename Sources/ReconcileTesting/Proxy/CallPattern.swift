package import FoundationEssentials

/// A method and a path with stars for parts of it, such as `POST /containers/*/start`.
struct CallPattern: Sendable {
    private let method: String
    private let parts: [String]

    init(_ text: String) {
        let words = text.split(separator: " ", maxSplits: 1).map(String.init)
        method = words.first ?? ""
        parts = (words.dropFirst().first ?? "").split(separator: "/").map(String.init)
    }

    func matches(_ call: ProxiedCall) -> Bool {
        let path = call.path.split(separator: "/")
        return call.method == method && path.count == parts.count
            && zip(path, parts).allSatisfy { $0 == $1 || $1 == "*" }
    }
}

/// A JSON array whose elements are kept as they were written.
package enum JSONList {
    /// - Returns: nil when the text is no array.
    package static func elements(of body: Data) -> [String]? {
        let text = String(decoding: body, as: UTF8.self).trimmed
        guard text.first == "[", text.last == "]" else { return nil }
        var elements: [String] = []
        var element: [UInt8] = []
        var depth = 0
        var (isInString, isEscaped) = (false, false)
        for byte in text.utf8.dropFirst().dropLast() {
            if byte == UInt8(ascii: ","), depth == 0, !isInString {
                elements.append(String(decoding: element, as: UTF8.self))
                element = []
                continue
            }
            element.append(byte)
            switch byte {
            case _ where isEscaped: isEscaped = false
            case UInt8(ascii: "\\") where isInString: isEscaped = true
            case UInt8(ascii: "\""): isInString.toggle()
            case UInt8(ascii: "{") where !isInString, UInt8(ascii: "[") where !isInString: depth += 1
            case UInt8(ascii: "}") where !isInString, UInt8(ascii: "]") where !isInString: depth -= 1
            default: break
            }
        }
        let last = String(decoding: element, as: UTF8.self)
        return last.allSatisfy(\.isWhitespace) ? elements : elements + [last]
    }
}

extension String {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        let end = start.lastIndex { !$0.isWhitespace } ?? start.startIndex
        return start.isEmpty ? start : start[...end]
    }
}
