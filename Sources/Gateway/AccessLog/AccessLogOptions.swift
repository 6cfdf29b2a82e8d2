import ArgumentParser

/// The options of the access log.
struct AccessLogOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Log each request when it has ended: 'stderr', or a file.",
            discussion:
                "The file is opened anew when it was renamed or removed, so that it may be rotated at any time.",
            valueName: "file"
        )
    )
    var accessLog: String?

    @Option(help: "How the lines of the access log are written: text or json. Without it as --log-format says.")
    var accessLogFormat: LogFormat?

    func validate() throws {
        if accessLog == nil, accessLogFormat != nil {
            throw ValidationError("--access-log-format has no meaning without --access-log; add --access-log stderr.")
        }
        if accessLog?.isEmpty == true { throw ValidationError("--access-log names no file; use 'stderr' or a path.") }
    }

    /// Where the access log is written. It is nil where there is none.
    var file: String? { accessLog == "stderr" || accessLog == "-" ? nil : accessLog }
}
