// S200-S299: all objects of a revision together.
extension Diagnostic.Explanation {
    static let duplicateName = Self(
        "name is declared twice",
        meaning: "Two objects of one kind have the same name, in one file or in two.",
        reason: "Names are how objects refer to each other and how containers are found again: each may exist once.",
        wrong: .documents(
            Example.object("Workload", "web", "template: {image: nginx:1.27}"),
            Example.object("Workload", "web", "template: {image: nginx:1.28}")),
        right: .documents(
            Example.object("Workload", "web", "template: {image: nginx:1.27}"),
            Example.object("Workload", "web-next", "template: {image: nginx:1.28}")))

    static let nameConflict = Self(
        "name is used by another kind",
        meaning: "Two objects of different kinds have the same name, and both name containers after themselves.",
        reason: "Their containers would have the same names on the host.",
        wrong: .documents(
            Example.object("Workload", "shell", "template: {image: busybox:1.37}"),
            Example.object("WarmPool", "shell", "size: 2\ntemplate: {image: busybox:1.37}")),
        right: .documents(
            Example.object("Workload", "shell", "template: {image: busybox:1.37}"),
            Example.object("WarmPool", "shell-pool", "size: 2\ntemplate: {image: busybox:1.37}")))

    static let danglingReference = Self(
        "reference to nothing",
        meaning: "A field names an object that no file of the revision declares.",
        reason:
            "What refers to it could not run as it says. The object may be misspelt, or stand in a file that was left out.",
        wrong: .workload("hostPool: lcoal\ntemplate: {image: nginx:1.27}"),
        right: .workload("hostPool: local\ntemplate: {image: nginx:1.27}"))

    static let ambiguousReference = Self(
        "reference that must be written out",
        meaning: "A reference was left out, which is only allowed where exactly one object could be meant.",
        reason: "Adding an unrelated object must never change what an existing one refers to.",
        wrong: .documents(
            Example.object("HostPool", "east", "hosts: {name: host-1}"),
            Example.object("HostPool", "west", "hosts: {name: host-2}"),
            Example.object("Workload", "web", "template: {image: nginx:1.27}")),
        right: .documents(
            Example.object("HostPool", "east", "hosts: {name: host-1}"),
            Example.object("HostPool", "west", "hosts: {name: host-2}"),
            Example.object("Workload", "web", "hostPool: east\ntemplate: {image: nginx:1.27}")))

    static let hostPortTaken = Self(
        "port of the host is taken",
        meaning: "Two objects that can run on the same host publish the same port, address and protocol.",
        reason: "Only one of them could start; which one would be an accident of timing.",
        wrong: .documents(publishing("web", port: 8080), publishing("admin", port: 8080)),
        right: .documents(publishing("web", port: 8080), publishing("admin", port: 8081)))

    static let capacityExceeded = Self(
        "more containers than the hosts hold",
        meaning: "The replicas and sizes of everything placed on a HostPool exceed what its hosts may hold.",
        reason: "Some containers would never start, and which ones would be an accident of timing.",
        wrong: .documents(
            Example.object("HostPool", "small", "hosts: {name: host-1}\ncapacity: {containersPerHost: 4}"),
            Example.object("Workload", "web", "replicas: 5\ntemplate: {image: nginx:1.27}")),
        right: .documents(
            Example.object("HostPool", "small", "hosts: {name: host-1}\ncapacity: {containersPerHost: 8}"),
            Example.object("Workload", "web", "replicas: 5\ntemplate: {image: nginx:1.27}")))

    static let conflictingAutoscalers = Self(
        "two autoscalers for one object",
        meaning: "Two Autoscalers have the same target.",
        reason: "They would undo each other's decisions for ever. One Autoscaler can follow several metrics.",
        wrong: .documents(
            Example.object("Workload", "web", "template: {image: nginx:1.27}"),
            scaler("web-cpu", "web"), scaler("web-memory", "web")),
        right: .documents(
            Example.object("Workload", "web", "template: {image: nginx:1.27}"), scaler("web", "web")))

    static let limitOverCeiling = Self(
        "limit over its ceiling",
        meaning: "A container asks for more than the ResourceLimits that select it allow for one container.",
        reason: "The ceiling is somebody's promise to the other users of the host; it is raised there, or not at all.",
        wrong: .documents(ceiling, frugal("web", "template: {image: nginx:1.27, resources: {memory: 2Gi}}")),
        right: .documents(ceiling, frugal("web", "template: {image: nginx:1.27, resources: {memory: 1Gi}}")))

    static let quotaExceeded = Self(
        "total over its quota",
        meaning: "All selected objects on a pool or host together ask for more than a total of ResourceLimits grants.",
        reason: "Some containers would never start, and which ones would be an accident of timing.",
        wrong: .documents(
            quota, frugal("web", "replicas: 5\ntemplate: {image: nginx:1.27, resources: {memory: 1Gi}}")),
        right: .documents(
            quota, frugal("web", "replicas: 4\ntemplate: {image: nginx:1.27, resources: {memory: 1Gi}}")))

    static let undefinedVariable = Self(
        "variable without a value",
        meaning: "A value refers to a variable that has neither a value in this environment nor a default.",
        reason: "An empty text in its place could mean something very different, such as every host or no limit.",
        wrong: .documents(
            Example.object("Variables", "releases", "variables: {version: {}}"),
            Example.object("Workload", "web", "template: {image: \"registry.internal/web:${{ version }}\"}")),
        right: .documents(
            Example.object("Variables", "releases", "variables: {version: {default: \"1.27\"}}"),
            Example.object("Workload", "web", "template: {image: \"registry.internal/web:${{ version }}\"}")))

    static let invalidOverlayTarget = Self(
        "patch without a target",
        meaning: """
            A patch of an Environment names an object, by kind and name, that the revision does not declare, or changes \
            what makes an object this one: its kind and its name.
            """,
        reason:
            "The change that somebody reviewed would take no effect. Most often the object was renamed in the base.",
        wrong: .documents(
            Example.object("Workload", "web", "template: {image: nginx:1.27}"),
            Example.object("Environment", "night", smaller("wbe"))),
        right: .documents(
            Example.object("Workload", "web", "template: {image: nginx:1.27}"),
            Example.object("Environment", "night", smaller("web"))))

    static let contradictingPolicies = Self(
        "policies that contradict each other",
        meaning: """
            Two policies select one object and give one setting different values. Lists of what is allowed unite; \
            single values cannot.
            """,
        reason: "Whichever of the two were followed, the author of the other would believe in what is not there.",
        wrong: .documents(
            limits("common", "defaults: {pids: 100}"), limits("generous", "defaults: {pids: 500}"),
            frugal("web", "template: {image: nginx:1.27}")),
        right: .documents(
            limits("common", "defaults: {pids: 100}"), limits("generous", "defaults: {memory: 1Gi}"),
            frugal("web", "template: {image: nginx:1.27}")))

    static let circularDependency = Self(
        "objects that wait for each other",
        meaning: "`dependsOn` leads from an object back to itself, directly or by way of others.",
        reason: "None of them would ever start.",
        wrong: .documents(
            Example.object(
                "Workload", "web", "dependsOn: [{kind: Workload, name: store}]\ntemplate: {image: nginx:1.27}"),
            Example.object("Workload", "store", "dependsOn: [{kind: Workload, name: web}]\ntemplate: {image: redis:7}")),
        right: .documents(
            Example.object(
                "Workload", "web", "dependsOn: [{kind: Workload, name: store}]\ntemplate: {image: nginx:1.27}"),
            Example.object("Workload", "store", "template: {image: redis:7}")))

    private static func smaller(_ workload: String) -> String {
        "patches:\n  - target: {kind: Workload, name: \(workload)}\n    patch: {spec: {replicas: 0}}"
    }

    private static let ceiling = limits("small", "ceilings: {memory: 1Gi}")
    private static let quota = limits("team", "totals: {perPool: {memory: 4Gi}}")

    private static func limits(_ name: String, _ spec: String) -> String {
        Example.object("ResourceLimits", name, "selector: {matchLabels: {tier: frugal}}\n" + spec)
    }

    /// A Workload that the limits select.
    private static func frugal(_ name: String, _ spec: String) -> String {
        Example.object("Workload", "\(name), labels: {tier: frugal}", spec)
    }

    private static func publishing(_ name: String, port: Int) -> String {
        Example.object(
            "Workload", name,
            """
            strategy: {type: recreate}
            publish: [{hostPort: \(port), containerPort: 80}]
            template: {image: nginx:1.27}
            """)
    }

    private static func scaler(_ name: String, _ target: String) -> String {
        Example.object(
            "Autoscaler", name,
            """
            target: {kind: Workload, name: \(target)}
            min: 1
            max: 4
            metrics: [{type: Resource, name: cpu, target: {averageUtilization: 70}}]
            """)
    }
}
