package import Reconciler

extension DockerClient {
    /// All named volumes of the engine.
    package func volumes() async throws(DriverError) -> [VolumeDetails] {
        let list: VolumeList = try await get("/volumes", limit: BodyLimit.list, deadline: deadlines.list)
        return list.volumes ?? []
    }
}

extension DockerClient where Transport: WritingDockerTransport {
    /// Gives the volume of this name as it is when there is one already.
    package func createVolume(_ body: VolumeCreation) async throws(DriverError) -> VolumeDetails {
        try await send(.post, "/volumes/create", body: body, returning: VolumeDetails.self)
    }
}
