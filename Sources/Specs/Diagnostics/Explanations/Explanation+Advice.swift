// S300-S399: warnings and notes.
extension Diagnostic.Explanation {
    static let selectorMatchesNothing = Self(
        "selector that matches nothing",
        meaning: "No object of the revision has the labels that a selector asks for.",
        reason: """
            A policy or window that selects nothing protects nothing, and a misspelt label looks just like this. It is \
            no error, because the objects may come in a later commit.
            """,
        wrong: .documents(
            workload,
            Example.object("ResourceLimits", "web", "selector: {matchLabels: {tier: wbe}}\nceilings: {memory: 1Gi}")),
        right: .documents(
            workload,
            Example.object("ResourceLimits", "web", "selector: {matchLabels: {tier: web}}\nceilings: {memory: 1Gi}")))

    static let unusedObject = Self(
        "object that nothing uses",
        meaning:
            "An object that only has an effect where others refer to it, such as a ContainerTemplate, is not referred to.",
        reason: "It has no effect; most often it was left behind, or what should refer to it does not.",
        wrong: .documents(
            Example.object("ContainerTemplate", "base", "image: nginx:1.27"),
            Example.object("Workload", "web", "template: {image: nginx:1.27}")),
        right: .documents(
            Example.object("ContainerTemplate", "base", "image: nginx:1.27"),
            Example.object("Workload", "web", "templateRef: base")))

    static let notYetEnforced = Self(
        "not enforced by this version",
        meaning: """
            The field is read, checked and planned, but this version of the program cannot carry it out yet. \
            docs/specs/enforcement.md lists every field.
            """,
        reason: "Objects that ask for protection which is not there are held rather than started without it.")

    static let syscallElsewhere = Self(
        "system call of other architectures",
        meaning: "A seccomp rule names a system call that neither amd64 nor arm64 has, nor their 32-bit programs.",
        reason: "Engines skip such names, so that the rule does nothing on any host that reconcile runs on.",
        wrong: Example(
            text: Example.object(
                "SecurityProfile", "sandbox", "seccomp: {base: docker-default, deny: [ptrace, spu_run]}"),
            isEscaped: false),
        right: Example(
            text: Example.object("SecurityProfile", "sandbox", "seccomp: {base: docker-default, deny: [ptrace]}"),
            isEscaped: false))

    static let unknownAnnotation = Self(
        "annotation that means nothing",
        meaning: "An annotation begins with `reconcile.dev/`, and this version knows none of that name.",
        reason: """
            Annotations are free for everybody else's notes, but one that was meant for the controller and misspelt would \
            leave an object unprotected in silence.
            """,
        wrong: .documents(annotated("reconcile.dev/pause")), right: .documents(annotated("reconcile.dev/paused")))

    static let budgetWithoutRoom = Self(
        "disruption budget without room",
        meaning: """
            The disruption budget keeps all members available, and the strategy `recreate` takes each of them away \
            before its successor is created.
            """,
        reason: "Every change of the template would be held for ever; the plan would say so, but only then.",
        wrong: .workload(budgeted("minAvailable: 100%")), right: .workload(budgeted("maxUnavailable: 1")))

    private static func annotated(_ key: String) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web, annotations: {\(key): "moving the database"}}
        spec: {template: {image: nginx:1.27}}
        """
    }

    private static func budgeted(_ budget: String) -> String {
        """
        replicas: 3
        strategy: {type: recreate}
        disruptionBudget: {\(budget)}
        template: {image: nginx:1.27}
        """
    }

    private static let workload = """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web, labels: {tier: web}}
        spec: {template: {image: nginx:1.27}}
        """
}
