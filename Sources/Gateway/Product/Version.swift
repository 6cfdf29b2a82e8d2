/// The gateway's own version. The file VERSION says the same, which a test checks.
enum Version {
    static let description = "0.1.0"
}
