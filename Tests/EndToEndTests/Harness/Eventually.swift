/// Waits for an event in another process.
///
/// - Parameters:
///   - claim: the awaited event, which is reported if it never happens.
///   - limit: how long it may take. It is generous, since a busy machine is not a defect.
func eventually(
    _ claim: String,
    within limit: Duration = .seconds(20),
    _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let end = clock.now + limit
    while !(try await condition()) {
        guard clock.now < end else { throw HarnessError("within \(limit) it did not come true that \(claim)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
