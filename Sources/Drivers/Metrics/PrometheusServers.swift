import FoundationEssentials
import Reconciler
import Specs

/// Prometheus' HTTP API: one query, one number.
struct PrometheusServers: Sendable {
    /// The name of the server that is meant where a query names none.
    static let unnamed = "default"

    private let servers: [String: String]

    init(_ servers: [String: String]) { self.servers = servers }

    /// It says what is wrong with a query in the body of these answers.
    private static let complaints: Set<UInt> = [400, 422]

    /// - Parameter maxAge: older samples are no answer. The time in an answer is that of the question, whatever was found, so the
    ///   server itself must look no further back (`lookback_delta`, since Prometheus 2.43; servers before it pass it over).
    func reading(_ query: MetricQuery, maxAge: Duration) async -> MetricReading {
        let name = query.server ?? Self.unnamed
        guard let server = servers[name] else {
            return .unsupported("'prometheus.\(name)' is not in this host's configuration")
        }
        var address = server
        while address.hasSuffix("/") { address.removeLast() }
        address += "/api/v1/query?query=\(PercentEncoding.encoded(query.query))"
        address += "&lookback_delta=\(maxAge.roundedUpSeconds)s"
        do throws(MetricFailure) {
            let body = try await MetricHTTP.get(
                address, within: query.timeout, accepting: Self.complaints)
            let (value, at) = try Self.number(in: body)
            return .whole(value, at: at)
        } catch {
            return .failed("Prometheus '\(name)': \(error.message)")
        }
    }

    /// The one number of an answer, and when it was measured.
    ///
    /// - Throws: where there is none, or more than one: a sum that nobody asked for would be a guess.
    static func number(in body: [UInt8]) throws(MetricFailure) -> (Double, Instant) {
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(body)) else {
            throw MetricFailure("the answer is not that of Prometheus' API")
        }
        guard let data = answer.data, answer.status == "success" else {
            throw MetricFailure(answer.error ?? "the query failed")
        }
        switch data.result {
        case .scalar(let point): return (point.value, point.at)
        case .vector(let points):
            guard let point = points.first else { throw MetricFailure("the query gives no number") }
            guard points.count == 1 else {
                throw MetricFailure("the query gives \(points.count) numbers and must give one, such as by sum()")
            }
            return (point.value, point.at)
        case .other(let type): throw MetricFailure("the query gives a \(type) and must give one number")
        }
    }
}

private struct Answer: Decodable {
    var status: String
    var error: String?
    var data: Content?

    struct Content: Decodable {
        var result: Outcome

        enum CodingKeys: String, CodingKey { case resultType, result }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            switch try container.decode(String.self, forKey: .resultType) {
            case "vector":
                result = .vector(try container.decode([Series].self, forKey: .result).map(\.value))
            case "scalar": result = .scalar(try container.decode(Point.self, forKey: .result))
            case let type: result = .other(type)
            }
        }
    }

    enum Outcome {
        case scalar(Point)
        case vector([Point])
        case other(String)
    }

    struct Series: Decodable { var value: Point }

    /// `[1700000000.123, "42"]`
    struct Point: Decodable {
        var at: Instant
        var value: Double

        init(from decoder: any Decoder) throws {
            var container = try decoder.unkeyedContainer()
            let time = try container.decode(Double.self)
            let text = try container.decode(String.self)
            guard let value = Double(text), time.isFinite, abs(time) < 1e15 else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "no number")
            }
            at = Instant(secondsSince1970: Int64(time))
            self.value = value
        }
    }
}
