package import Specs

/// What a host says of itself for plans that are made elsewhere: as much as the planner compares, and nothing else.
///
/// No value of a variable is in it, no argument of a command, no label of a template, and no digest of any of them, since
/// whoever has a digest can guess what it is of. In their place stands which revision says the same, see `SpecEcho`:
/// whoever may read the repository knows by that what a member was made of, and nobody else learns anything. Who holds
/// claims is not in it either, nor what came with them.
///
/// The names of its fields are a format that other versions of the program read: within `currentFormat` fields are only
/// added, and every field of a later version is optional.
package struct PublishedSnapshot: Codable, Hashable, Sendable {
    /// The newest format; one of a newer version of the program is refused.
    package static let currentFormat = 1

    /// The version of the program that wrote it.
    package var program: String
    /// By the clock of the host.
    package var takenAt: Instant
    package var host: Host
    /// The revision in force; nil where there is none.
    package var accepted: Revision?
    /// The revisions that echoes name by their places, the one in force first, and those that pins and rollouts name.
    package var revisions: [Revision]
    /// False where some part of the host could not be read.
    package var isComplete: Bool

    package var engine: Engine
    package var disk: PreflightFacts
    package var containers: [Container]
    package var networks: [Network]
    package var volumes: [Volume]
    /// Ids by the references that the revisions name; of their repositories whatever other tags are there.
    package var images: [String: String]
    /// Names that containers of others hold, as far as one of ours could be called so; with their ids.
    package var foreignNames: [String: String]
    package var firewall: Firewall

    package var decisions: Decisions

    /// What the configuration of the host says, as far as it decides what specs mean there.
    package struct Host: Codable, Hashable, Sendable {
        package var name: String
        package var labels: [String: String]
        package var owner: String
        package var environment: String?
        /// `10.224.0.0/14`
        package var networkRange: String
        package var subnetPrefix: Int
        /// `10%`, or a count.
        package var pruneBudget: String
        /// Hundredths of a percent of the disk, or bytes; neither is the default.
        package var minFreeDiskShare: Int64?
        package var minFreeDiskBytes: Int64?
        package var seccompBaseline: String
        package var claimRoot: String
    }

    package struct Engine: Codable, Hashable, Sendable {
        package var apiVersion: String
        package var version: String
        package var cpus: Int
        package var memory: Int64
        package var limitsSwap: Bool
        package var unsupported: [String: String]
        package var runtimes: [String]
        package var hasSeccomp: Bool?
        package var hasAppArmor: Bool?
    }

    package struct Container: Codable, Hashable, Sendable {
        package var id: String
        package var name: String
        package var member: MemberName
        package var incarnation: Int
        /// Of what it was made.
        package var template: TemplateEcho
        package var image: String
        package var imageID: String
        package var status: ObservedContainer.Status
        package var exitCode: Int?
        /// nil where it has no health check.
        package var health: ObservedContainer.Health?
        /// Our own probe found it ready.
        package var isProbed: Bool?
        package var startedAt: String
        package var endedAt: String?
        package var stopTimeout: Duration?
        package var address: String?
        package var hasClaimFolder: Bool?
        package var live: LiveSettings
        package var kernel: KernelFacts?
        package var confinement: ObservedConfinement?
        /// nil where nobody has it.
        package var phase: MemberPhase?
    }

    /// `Workload/web/3`
    package struct MemberName: Codable, Hashable, Sendable {
        package var id: MemberID

        init(_ id: MemberID) { self.id = id }

        package init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let id = MemberID(text) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no member")
            }
            self.id = id
        }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(id.description)
        }
    }

    package struct Network: Codable, Hashable, Sendable {
        package var id: String
        package var name: String
        /// Whose it is; nil on those of others, as of the next.
        package var object: ResourceID?
        package var owner: String?
        package var bridge: String?
        package var subnets: [String]
    }

    package struct Volume: Codable, Hashable, Sendable {
        package var name: String
        package var object: ResourceID?
        package var owner: String?
    }

    package struct Firewall: Codable, Hashable, Sendable {
        /// nil where nobody looked, and where there is none, see `missing`.
        package var backend: FirewallFacts.Backend?
        /// Why there is none.
        package var missing: String?
        package var supportsNames: Bool
        package var bindsMembers: Bool
        package var leadsPorts: Bool
        /// Digests of the policies in force, by bridge.
        package var inForce: [String: String]
        package var others: [String]
        package var isPresent: Bool
        package var drift: String?
        /// Where ports of the host lead; nil where that is not known.
        package var routes: [Route]?

        package struct Route: Codable, Hashable, Sendable {
            package var hostIP: String
            package var hostPort: UInt16
            package var port: UInt16
            package var transport: String
            /// Weights by addresses.
            package var members: [String: Int]
        }
    }

    /// What people and the controller of the host decided and wrote down.
    package struct Decisions: Codable, Hashable, Sendable {
        package var pauses: [Pause]
        package var overrides: [WindowOverride]
        package var drains: [Drain]
        package var approvals: [Approval]
        package var pins: [KeptObject]
        package var rollouts: [Rollout]
        package var scaling: [Scaling]
        package var tasks: [Task]
        package var claims: [ClaimedMember]
        /// The highest incarnation that was ever seen, by members: `Workload/web/3`.
        package var incarnations: [String: Int]
        /// Of members that are gone or were not seen.
        package var phases: [Phase]

        package struct KeptObject: Codable, Hashable, Sendable {
            package var pin: Pin
            /// Which revision says what the pin rejects; `pin.rejected` itself says nothing.
            package var rejected: SpecEcho
        }

        package struct Rollout: Codable, Hashable, Sendable {
            package var object: ResourceID
            /// Without its history and without its generation.
            package var state: RolloutState
            package var generation: SpecEcho
        }

        package struct Scaling: Codable, Hashable, Sendable {
            package var object: ResourceID
            package var state: ScalingState
        }

        package struct Task: Codable, Hashable, Sendable {
            package var object: ResourceID
            package var memory: TaskMemory
        }

        /// A claim without who has it and what came with it.
        package struct ClaimedMember: Codable, Hashable, Sendable {
            package var id: ClaimID
            package var pool: ResourceID
            package var phase: Claim.Phase
            package var container: Container?
            package var predecessor: Container?
            package var limits: ClaimLimits?

            package struct Container: Codable, Hashable, Sendable {
                package var instance: MemberInstance
                package var id: String
                package var name: String
            }
        }

        package struct Phase: Codable, Hashable, Sendable {
            package var instance: MemberInstance
            package var phase: MemberPhase
        }
    }
}
