import HTTPTypes
import Hummingbird
import NIOCore

/// What every answer that is no value says, of commands and of refusals alike.
struct MessageDocument: Codable, Hashable, Sendable {
    /// For a person.
    var message: String
}

/// A request is not carried out: the status, and why, for a person.
struct Refusal: Error, Hashable {
    var status: HTTPResponse.Status
    var message: String
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.headers = headers
    }

    var response: Response { .message(status, message, headers: headers) }
}

extension Response {
    /// A sentence for a person.
    static func message(_ status: HTTPResponse.Status, _ text: String, headers: HTTPFields = [:]) -> Response {
        // A struct of one text is always written.
        let body = (try? JSONBody.encode(MessageDocument(message: text))) ?? ByteBuffer()
        var response = Response.json(body)
        response.status = status
        response.headers.append(contentsOf: headers)
        return response
    }

    static func json(_ body: ByteBuffer) -> Response {
        Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }

    static func text(_ text: String, status: HTTPResponse.Status = .ok, type: String = "text/plain; charset=utf-8")
        -> Response
    {
        Response(
            status: status, headers: [.contentType: type],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
}
