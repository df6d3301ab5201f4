// S100-S199: decoding one object.
extension Diagnostic.Explanation {
    static let unknownAPIVersion = Self(
        "unknown apiVersion",
        meaning: "`apiVersion` is not one that this version of the program knows.",
        reason: "The same fields could mean something else in another version of the language.",
        wrong: """
            apiVersion: reconcile.dev/v2
            kind: Workload
            metadata: {name: web}
            spec: {template: {image: nginx:1.27}}
            """,
        right: """
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: web}
            spec: {template: {image: nginx:1.27}}
            """)

    static let unknownKind = Self(
        "unknown kind",
        meaning: "`kind` does not name a kind of object of the language. Upper and lower case count.",
        reason: "Nobody knows what the object asks for.",
        wrong: """
            apiVersion: reconcile.dev/v1
            kind: Deployment
            metadata: {name: web}
            spec: {template: {image: nginx:1.27}}
            """,
        right: """
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: web}
            spec: {template: {image: nginx:1.27}}
            """)

    static let missingKey = Self(
        "required key is missing",
        meaning: "A field that has no default is not there.",
        reason: "There is no value that would be right for everybody, so the author has to say it.",
        wrong: .workload("template: {command: [sleep, infinity]}"),
        right: .workload("template: {image: busybox:1.37, command: [sleep, infinity]}"))

    static let unknownKey = Self(
        "unknown key",
        meaning: "The object has no field of this name at this place. Upper and lower case count.",
        reason: """
            A misspelt key that is ignored leaves the default in force where somebody meant something else, and nobody \
            notices until it matters.
            """,
        wrong: .workload("replica: 3\ntemplate: {image: nginx:1.27}"),
        right: .workload("replicas: 3\ntemplate: {image: nginx:1.27}"))

    static let wrongType = Self(
        "value of the wrong type",
        meaning: "The value is a string where a number is wanted, a map where a list is wanted, and the like.",
        reason: "Values are never converted silently: `version: 1.10` would become `1.1`. Quotes make a string.",
        wrong: .workload("replicas: \"3\"\ntemplate: {image: nginx:1.27}"),
        right: .workload("replicas: 3\ntemplate: {image: nginx:1.27}"))

    static let invalidValue = Self(
        "value that the field does not take",
        meaning:
            "The value has the right type, but does not follow the grammar or is not one of the choices of the field.",
        reason: "The engine would refuse it later, on the host, or take it for something else.",
        wrong: .workload("template: {image: nginx:1.27, pullPolicy: Sometimes}"),
        right: .workload("template: {image: nginx:1.27, pullPolicy: Always}"))

    static let outOfRange = Self(
        "number out of range",
        meaning: "The number, quantity or duration is smaller or larger than the field allows.",
        reason: "The engine or the kernel would refuse it, or it can only be a slip, such as seconds for milliseconds.",
        wrong: .workload("replicas: -1\ntemplate: {image: nginx:1.27}"),
        right: .workload("replicas: 1\ntemplate: {image: nginx:1.27}"))

    static let conflictingFields = Self(
        "fields that cannot both hold",
        meaning: "Two fields of one object contradict each other, or one needs another that is not there.",
        reason: "Whichever of the two were followed, the other would be ignored silently.",
        wrong: .template("ports: [80, 80/tcp]"),
        right: .template("ports: [80, 80/udp]"))

    static let reserved = Self(
        "reserved for the controller or the host",
        meaning: "A label, path or name belongs to the controller, or gives a container the host.",
        reason: """
            Labels below `dev.reconcile.` say what the controller owns; a mounted Docker socket or `/etc` makes every \
            other limit of the container worthless.
            """,
        wrong: .template("mounts:\n  - {type: bind, source: /var/run/docker.sock, target: /docker.sock}"),
        right: .template("mounts:\n  - {type: bind, source: /srv/assets, target: /assets, readOnly: true}"))
}
