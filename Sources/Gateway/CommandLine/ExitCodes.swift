import ArgumentParser

extension ExitCode {
    /// The configuration is invalid (EX_CONFIG of sysexits.h).
    static let wrongConfiguration = ExitCode(78)
}
