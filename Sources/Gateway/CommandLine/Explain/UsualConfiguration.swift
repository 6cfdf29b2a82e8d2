import CallTypes
import Dialects
import Glibc

/// The configuration with which requests are explained where none is named: any model, and the usual rules. The keys that
/// follow from it are those of no gateway.
enum UsualConfiguration {
    /// The text of the file.
    private static var text: String {
        let calls = DialectTable.served.types.configuredNames.joined(separator: ", ")
        return """
            model_list:
              - {model_name: "*", litellm_params: {model: "openai/*", api_key: none}}
            litellm_settings: {cache: true, cache_params: {type: local, supported_call_types: [\(calls)]}}

            """
    }

    /// Calls a function with the path of such a file, which is removed afterwards.
    static func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let folder = ProcessEnvironment.value(of: "TMPDIR") ?? "/tmp"
        var template = Array("\(folder)/gateway-explain-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw CannotServe("no file can be made in \(folder); name a configuration with --config")
        }
        let path = template.withUnsafeBufferPointer { text in text.baseAddress.map { String(cString: $0) } ?? "" }
        defer { unlink(path) }
        let bytes = Array(text.utf8)
        let isWritten = write(descriptor, bytes, bytes.count) == bytes.count
        close(descriptor)
        guard isWritten else {
            throw CannotServe("nothing can be written to \(folder); name a configuration with --config")
        }
        return try body(path)
    }
}
