import Logging

extension Connection {
    /// Logs at the level `debug` why the request is treated as it is. The text is not made where that level is not logged.
    ///
    /// - Parameter text: a sentence without content of the request or the answer, a header field or a key.
    func explain(_ text: @autoclosure () -> String) {
        let log = loop.resources.log
        guard log.logLevel <= .debug else { return }
        log.debug("\(text())", metadata: ["request": "\(requestID)"])
    }

    /// Logs how the request has ended.
    ///
    /// - Parameter fields: returns the fields of its record.
    func explainEnd(_ fields: () -> Logger.Metadata) {
        let log = loop.resources.log
        guard log.logLevel <= .debug else { return }
        log.debug("a request has ended", metadata: fields())
    }
}

extension CurrentRequest {
    /// The fields of the record, for the log.
    var explanation: Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        AccessRecord.forEachField(of: transaction, .served) { metadata["\($0)"] = .string($1.description) }
        return metadata
    }
}
