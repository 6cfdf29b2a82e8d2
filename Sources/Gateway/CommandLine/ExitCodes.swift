import ArgumentParser

extension ExitCode {
    /// What was to be read is not what the command needs (EX_DATAERR of sysexits.h).
    static let unusableInput = ExitCode(65)
    /// What was to be read is not there (EX_NOINPUT).
    static let noInput = ExitCode(66)
    /// The configuration is invalid (EX_CONFIG).
    static let wrongConfiguration = ExitCode(78)
}
