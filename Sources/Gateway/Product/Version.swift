/// The gateway's own version. It equals the content of the file VERSION, which a test checks.
enum Version {
    static let description = "0.1.0"
}
