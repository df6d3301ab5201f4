// S001-S099: bytes and YAML.
extension Diagnostic.Explanation {
    static let invalidEncoding = Self(
        "bytes that are not UTF-8",
        meaning:
            "The file holds a byte that is no part of a UTF-8 character. Files in Latin-1 or UTF-16 look like this.",
        reason: "Two programs would read two different texts; nobody should have to guess which one was reviewed.",
        wrong: .escaped("# caf\\xE9\n" + Example.workload("template: {image: nginx:1.27}").text),
        right: .init(text: "# café\n" + Example.workload("template: {image: nginx:1.27}").text, isEscaped: false))

    static let forbiddenCharacter = Self(
        "character that must not be in specs",
        meaning: """
            The file holds NUL, another control character, a Unicode line separator, or a character that changes the \
            direction of text.
            """,
        reason: """
            Such characters make a file look different in a review from what it says. Where one is really meant, an \
            escape in a double-quoted string shows it to everybody.
            """,
        wrong: .escaped(
            Example.template("env:\n  NOTE: \"left\\xE2\\x80\\xAEright\"").text),
        right: .template("env:\n  NOTE: \"left\\u202Eright\""))

    static let tabIndentation = Self(
        "tab in the indentation",
        meaning: "A line is indented with a tab.",
        reason: "YAML indents with spaces only, because nobody agrees on how wide a tab is.",
        wrong: .escaped(Example.object("Workload", "web", "template:\n\\timage: nginx:1.27")),
        right: .workload("template:\n  image: nginx:1.27"))

    static let syntax = Self(
        "not YAML",
        meaning: "The text cannot be read as YAML at this place, often because of something a line or two above it.",
        reason: """
            Nobody knows what the rest of the file means. Look for a bracket or quote that is never closed, a missing \
            `: `, and lines that are indented by one space too many or too few.
            """,
        wrong: .workload("template: {image: nginx:1.27"),
        right: .workload("template: {image: nginx:1.27}"))

    static let unsupportedDirective = Self(
        "directive that is not supported",
        meaning: "The file has a `%TAG` directive, or a `%YAML` directive of a version that is not read.",
        reason: "Specs are YAML 1.2. In YAML 1.1 `no` is a boolean and `010` is eight.",
        wrong: .init(
            text: "%TAG ! tag:example.com,2024:\n---\n" + Example.workload("template: {image: nginx:1.27}").text,
            isEscaped: false),
        right: .workload("template: {image: nginx:1.27}"))

    static let duplicateKey = Self(
        "key twice in one map",
        meaning: "The same key stands twice in one map.",
        reason:
            "Many readers silently take the last one, so that the value somebody reviewed is not the one that counts.",
        wrong: .workload("replicas: 2\nreplicas: 3\ntemplate: {image: nginx:1.27}"),
        right: .workload("replicas: 3\ntemplate: {image: nginx:1.27}"))

    static let unsupportedKey = Self(
        "key that is not a string",
        meaning: "A key is a number, a boolean, null, a list or a map.",
        reason: "All keys of the language are strings. A key that looks like something else needs quotes.",
        wrong: .template("labels: {2024: released}"),
        right: .template("labels: {\"2024\": released}"))

    static let mergeKey = Self(
        "merge key",
        meaning: "A map has the key `<<`, with which YAML 1.1 merged another map into this one.",
        reason: "YAML 1.2 has no merge keys, and readers disagree about which value wins.",
        wrong: .template("labels: &common {team: shop}\nenv:\n  <<: *common\n  MODE: fast"),
        right: .template("labels: {team: shop}\nenv:\n  team: shop\n  MODE: fast"))

    static let unsupportedTag = Self(
        "tag that is not supported",
        meaning: "A value has a tag (`!name`) that is not in YAML's core schema, or that does not fit the value.",
        reason: "Tags are instructions to the program that reads the file; specs are data only.",
        wrong: .workload("template: {image: !secret nginx}"),
        right: .workload("template: {image: nginx:1.27}"))

    static let unknownAlias = Self(
        "alias of nothing",
        meaning: "An alias (`*name`) stands before any anchor (`&name`) of that name, or in another document.",
        reason: "There is nothing that it could stand for. Anchors count within one document, from top to bottom.",
        wrong: .template("labels: *common"),
        right: .template("labels: &common {team: shop}\nenv: *common"))

    static let recursiveAlias = Self(
        "alias inside what it repeats",
        meaning: "An alias stands within the very value that its anchor names.",
        reason: "The value would hold itself, without end.",
        wrong: .template("labels: &all {self: *all}"),
        right: .template("labels: &all {team: shop}\nenv: *all"))

    static let limitExceeded = Self(
        "more than is read",
        meaning: """
            A file or a revision exceeds a bound: bytes, files, documents, values (an alias counts as much as what it \
            stands for), nesting, or findings. The message names the bound.
            """,
        reason: """
            Reading must take time and memory in proportion to the bytes of the files, whatever is in them. Real specs \
            stay far below; split what does not.
            """,
        wrong: """
            a: &a [x, x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
            d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
            e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
            f: &f [*e, *e, *e, *e, *e, *e, *e, *e, *e, *e]
            """)

    static let unreadable = Self(
        "file or folder that is not read",
        meaning: """
            A path does not exist, cannot be opened, holds no `*.yaml` or `*.yml` file, or has something in it that is \
            refused unread, such as a symbolic link or a name with unusual characters.
            """,
        reason: "Specs that are passed over in silence look like specs that were removed.")
}
