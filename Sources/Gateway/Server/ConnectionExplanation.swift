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
    func explainEnd(of transaction: borrowing Transaction) {
        let log = loop.resources.log
        guard log.logLevel <= .debug else { return }
        var metadata: Logger.Metadata = [:]
        AccessRecord.forEachField(of: transaction, .served) { name, value in
            metadata["\(name)"] = .string(value.description)
        }
        log.debug("a request has ended", metadata: metadata)
    }
}
