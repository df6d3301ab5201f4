import Hummingbird

/// Finds each answer in a task of its own, which ends before the answer is written.
///
/// A task keeps all memory that its deepest calls ever took until it ends: the ways through middleware and routes take 12 KiB.
/// The task of a connection would keep that for as long as somebody listens to a stream, or comes back now and then.
struct BriefResponder<Base: HTTPResponder>: HTTPResponder where Base.Context: Sendable {
    let base: Base

    func respond(to request: Request, context: Base.Context) async throws -> Response {
        try await withThrowingTaskGroup(of: Response.self) { group in
            group.addTask { try await base.respond(to: request, context: context) }
            guard let response = try await group.next() else { throw CancellationError() }
            return response
        }
    }
}
