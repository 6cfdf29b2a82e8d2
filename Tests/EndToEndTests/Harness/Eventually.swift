/// Waits for something that another process does in its own time.
///
/// - Parameters:
///   - claim: what is waited for, to be told if it never comes.
///   - limit: how long it may take; generous, since a busy machine is no defect.
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
