import Hummingbird
import Reconciler

/// How tasks stand: `GET /v1/tasks`.
struct TaskRoutes: Sendable {
    let cache: ReportCache

    func add(to routes: Routes) {
        routes.on(.tasks) { _, _ in
            .json(try JSONBody.encode(TaskList(items: try await cache.report().tasks)))
        }
    }
}

/// `GET /v1/tasks`, in the order of their names.
struct TaskList: Codable, Hashable, Sendable {
    var items: [TaskReport]
}
