/// Text as a part of a URL (RFC 3986, section 2.1).
package enum PercentEncoding {
    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8)

    /// Writes everything but unreserved characters as its bytes.
    ///
    /// - Parameter reserved: characters that mean what they mean in a URL, and stay.
    package static func encoded(_ text: String, keeping reserved: String = "") -> String {
        let kept = unreserved.union(reserved.utf8)
        var result = ""
        for byte in text.utf8 {
            if kept.contains(byte) {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let hex = String(byte, radix: 16, uppercase: true)
                result += byte < 16 ? "%0" + hex : "%" + hex
            }
        }
        return result
    }
}
