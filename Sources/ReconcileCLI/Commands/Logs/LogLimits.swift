import ArgumentParser
import Foundation
import Specs

/// How many of the newest lines: a number, or `all`.
struct TailCount: Hashable, ExpressibleByArgument {
    /// nil is all.
    var count: Int?

    static let usual = TailCount(count: 100)

    init(count: Int?) { self.count = count }

    init?(argument: String) {
        if argument == "all" {
            count = nil
        } else if let number = Int(argument), number >= 0, argument.allSatisfy(\.isNumber) {
            count = number
        } else {
            return nil
        }
    }

    var defaultValueDescription: String { count.map { String($0) } ?? "all" }
}

/// A moment, or how long ago it was: `2026-12-20T02:00:00Z`, `10m`.
enum LogMoment: Hashable {
    case at(Instant)
    case ago(Duration)

    /// - Throws: `ValidationError` that says what would be right.
    static func parse(argument: String) throws -> LogMoment {
        // One of the two is enough; the words for both are ours.
        if let duration = try? Duration.parse(argument) { return .ago(duration) }
        if let moment = try? Instant.parse(argument) { return .at(moment) }
        throw ValidationError("write how long ago, like 30s, 5m or 2h, or a moment like 2026-12-20T02:00:00Z")
    }

    func instant(now: Instant) -> Instant {
        switch self {
        case .at(let moment): moment
        case .ago(let duration): now.advanced(bySeconds: -duration.components.seconds)
        }
    }
}
