import Testing

@testable import Specs

@Suite("Paths lead to fields")
struct ReferencePathTests {
    @Test("every field of every kind is found by its path", arguments: KindDefinition.all.map(\.kind))
    func all(kind: ResourceKind) throws {
        let definition = try #require(KindDefinition[kind])
        for place in definition.fields() {
            let found = try ReferencePath("\(kind.rawValue).\(place.path)")
            #expect(found.path == "\(kind.rawValue).\(place.path)")
            #expect(found.field?.name == place.field.name)
            #expect(found.enforcement == place.enforcement)
        }
    }

    @Test(
        "people write paths in several ways",
        arguments: [
            ("Autoscaler", "Autoscaler"), ("autoscaler", "Autoscaler"),
            ("Autoscaler.spec", "Autoscaler.spec"), ("Autoscaler.metadata.name", "Autoscaler.metadata.name"),
            ("Autoscaler.behavior.scaleDown", "Autoscaler.spec.behavior.scaleDown"),
            ("autoscaler.Behavior.scaledown", "Autoscaler.spec.behavior.scaleDown"),
            ("Autoscaler.metrics.type", "Autoscaler.spec.metrics[].type"),
            ("Autoscaler.metrics[].type", "Autoscaler.spec.metrics[].type"),
            ("Autoscaler.metrics[0].type", "Autoscaler.spec.metrics[].type"),
            ("Variables.variables.default", "Variables.spec.variables.*.default"),
            ("Variables.variables.tag.default", "Variables.spec.variables.*.default"),
            ("Variables.variables.*.default", "Variables.spec.variables.*.default"),
            ("Workload.kind", "Workload.kind"), ("MaintenanceWindow.kind", "MaintenanceWindow.spec.kind"),
            ("Workload.template.resources.memory", "Workload.spec.template.resources.memory"),
        ])
    func spellings(text: String, path: String) throws { #expect(try ReferencePath(text).path == path) }

    @Test(
        "a path that leads nowhere says what is near",
        arguments: [
            ("Worklaod", "there is no kind 'Worklaod'", "did you mean 'Workload'?"),
            ("Workload.replcas", "there is no field 'replcas' in Workload.spec", "did you mean 'replicas'?"),
            (
                "Workload.strategy.maxSurg", "there is no field 'maxSurg' in Workload.spec.strategy",
                "did you mean 'maxSurge'?"
            ),
            ("Workload.replicas.count", "there is no field 'count' in Workload.spec.replicas", "it has no fields"),
            ("Workload.", "there is no field '' in Workload.spec", ""),
            ("", "there is no kind ''", ""),
        ])
    func missing(text: String, message: String, hint: String) throws {
        let error = #expect(throws: ReferencePath.Missing.self) { try ReferencePath(text) }
        #expect(error?.message == message)
        if !hint.isEmpty { #expect(error?.hint == hint) }
    }
}
