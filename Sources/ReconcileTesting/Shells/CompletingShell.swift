import FoundationEssentials

/// A shell that completes command lines of the program by the script that `reconcile completions` prints.
package enum CompletingShell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    /// What it offers where TAB is pressed at the end of this line, in its order; fish without its descriptions.
    ///
    /// - Throws: whatever the shell complains about, on standard error too.
    package func candidates(for line: String) async throws -> [String] {
        try await ScratchFolder.with { folder in
            let ending = try await Program().run(["completions", rawValue])
            guard ending.exitCode == 0 else { throw TestCommand.Failure(description: "\(ending)") }
            // Where zsh looks for it.
            let script = try folder.write("_reconcile", ending.output)
            let driver = try folder.write("driver", self.driver)
            let program = folder.path + "/reconcile"
            try FileManager.default.createSymbolicLink(atPath: program, withDestinationPath: BuiltProduct.reconcile)
            let errors = folder.path + "/errors"
            let output = try await TestCommand.run(
                "timeout",
                [
                    "60", "sh", "-c", "export PATH=\"$0:$PATH\" HOME=\"$0\"; exec \"$@\" 2>\"\(errors)\"",
                    folder.path, self == .fish ? "python3" : rawValue, driver, script, line,
                ])
            let complaints = try String(contentsOfFile: errors, encoding: .utf8)
            guard complaints.isEmpty else { throw TestCommand.Failure(description: "\(rawValue): \(complaints)") }
            return output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
        }
    }

    /// Takes the script and the line, and prints the candidates.
    private var driver: String {
        switch self {
        case .bash:
            // As readline does before it calls the function.
            #"""
            source "$1"
            COMP_LINE=$2 COMP_POINT=${#2} COMP_TYPE=9
            read -ra COMP_WORDS <<<"$2"
            [[ $2 == *' ' ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _reconcile reconcile "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
            ((${#COMPREPLY[@]} == 0)) || printf '%s\n' "${COMPREPLY[@]}"
            """#
        case .fish:
            // Only on a terminal it knows where the cursor is.
            #"""
            import os, pty, sys
            script, line = sys.argv[1:]
            offer = script + ".offer"
            child, terminal = pty.fork()
            if child == 0:
                commands = f"source {script}; function offer; complete -C >{offer}; exit; end; bind \\cx offer"
                os.execvpe("fish", ["fish", "-i", "--no-config", "-C", commands], {**os.environ, "TERM": "dumb"})
            os.write(terminal, line.encode() + b"\x18")
            try:
                while os.read(terminal, 4096):
                    pass
            except OSError:
                pass
            os.waitpid(child, 0)
            print(open(offer).read(), end="")
            """#
        case .zsh:
            // Completion needs a terminal; what it would show is printed instead, in angle brackets on lines of their own: how the
            // command line itself is drawn depends on its length.
            #"""
            zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PROMPT=; COLUMNS=1000; fpath=(${1:h} \$fpath); autoload -Uz compinit; compinit -D -u
            bindkey '^I' complete-word
            compadd () {
                if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd \"\$@\"; return; fi
                local -a hits
                builtin compadd -A hits \"\$@\"
                (( \$#hits )) && print -rl -- '' \"<\"\${^hits}\">\"
            }
            finish () { print -r -- '<''>'; exit }
            comppostfuncs=(finish)
            print -r -- '<rea''dy>'"
            zpty -r -m shell out '*<ready>*'
            zpty -w -n shell "$2"$'\t'
            zpty -r -m shell out '*<>*'
            print -r -- "$out" | tr -d '\r' | sed -n 's/^<\(.\{1,\}\)>$/\1/p'
            """#
        }
    }
}
