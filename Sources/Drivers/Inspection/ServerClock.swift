import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// What time it is elsewhere: the `Date` of a web server's answer.
package enum ServerClock {
    /// How far the clock of a server is ahead of ours, to about a second; nil when it does not say.
    ///
    /// - Parameter address: `https://host:port/` or `http://...`; nothing but the time is asked, and nothing is sent along.
    package static func offset(of address: String, deadline: Duration = .seconds(5)) async -> Duration? {
        var request = HTTPClientRequest(url: address)
        request.method = .HEAD
        let asked = Date.now
        // A server that cannot be asked says nothing about the time; why is told where the repository is fetched.
        guard
            let response = try? await HTTPClient.shared.execute(
                request, timeout: .nanoseconds(Int64(deadline / .nanoseconds(1)))),
            let text = response.headers.first(name: "date"), let theirs = date(text)
        else { return nil }
        // It is of whole seconds, so that it may be up to one second old.
        let answered = Date.now
        if theirs.addingTimeInterval(1) < asked {
            return .seconds(theirs.addingTimeInterval(1).timeIntervalSince(asked))
        }
        return .seconds(max(0, theirs.timeIntervalSince(answered)))
    }

    /// Reads the preferred form of RFC 9110, section 5.6.7: `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func date(_ text: String) -> Date? {
        let words = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard words.count == 6, words[5] == "GMT", let month = months.firstIndex(of: String(words[2])) else {
            return nil
        }
        let moment = "\(words[3])-\(month < 9 ? "0" : "")\(month + 1)-\(words[1])T\(words[4])Z"
        return try? Date(moment, strategy: .iso8601)
    }
}
