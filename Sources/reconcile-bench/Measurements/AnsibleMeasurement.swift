import Foundation

/// `ansible-playbook --check` of the containers that are there, with community.docker: what others use to look before they leap.
struct AnsibleMeasurement {
    let bench: Workbench
    /// Of `ansible-playbook`.
    let program: String
    let repetitions: Int

    func measure(into report: inout Report) throws(BenchError) {
        progress("ansible --check of \(bench.replicas) containers")
        _ = try bench.converge(state: "ansible")
        let playbook = try bench.write(self.playbook, beside: "check.yaml")
        var times: [Double] = []
        for _ in 0..<repetitions {
            let run = try ChildProcess(
                program, ["--check", "--inventory", "localhost,", "--connection", "local", playbook],
                environment: [
                    "DOCKER_HOST": "unix://" + bench.engine.socketPath, "ANSIBLE_LOCAL_TEMP": bench.folder + "/ansible",
                    "ANSIBLE_REMOTE_TEMP": bench.folder + "/ansible-remote", "ANSIBLE_PYTHON_INTERPRETER": python,
                ], errorFile: bench.folder + "/stderr"
            ).wait()
            times.append(run.wall.seconds)
        }
        report.add("`ansible-playbook --check` of \(bench.replicas) containers", seconds: Samples(times))
        var ours: [Double] = []
        for _ in 0..<repetitions { ours.append(try bench.start(["--dry-run"], state: "ansible").wait().wall.seconds) }
        report.add("`--dry-run` of the same, on the live engine", seconds: Samples(ours))
    }

    /// Beside the program, in its virtual environment.
    private var python: String {
        URL(fileURLWithPath: program).deletingLastPathComponent().appendingPathComponent("python").path
    }

    private var playbook: String {
        """
        - hosts: all
          gather_facts: false
          tasks:
            - name: containers
              community.docker.docker_container:
                name: "bench-{{ item }}-1"
                image: busybox:local
                pull: never
                command: [sleep, "2147483647"]
                comparisons: {"*": ignore, image: strict, command: strict}
                state: started
              loop: "{{ range(\(bench.replicas)) | list }}"

        """
    }
}
