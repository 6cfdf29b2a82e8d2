import PluginConformance
import PluginKit

@testable import S3Cache

/// Runs `body` with a plugin in front of a server that follows `script`. `URL` in a value stands for the server.
func withS3(
    _ configured: [String: String] = [:],
    environment: [String: String] = [:],
    largestValue: UInt64 = 0,
    answering script: @escaping ScriptedS3.Script,
    _ body: (PluginDriver, ScriptedS3) throws -> Void
) throws {
    let server = try ScriptedS3(script)
    defer { server.stop() }
    func resolved(_ texts: [String: String]) -> [String: String] {
        texts.mapValues { $0.replacing("URL", with: server.url) }
    }
    var all = ["s3_bucket_name": "cache", "s3_endpoint_url": server.url, "s3_region_name": "us-east-1"]
    if environment.isEmpty {
        all["s3_aws_access_key_id"] = "AKIDEXAMPLE"
        all["s3_aws_secret_access_key"] = "the-secret"
    }
    var style = HostStyle()
    style.largestValue = largestValue
    let plugin = try PluginDriver(
        TestedPlugin(entry: export.answer),
        all.merging(resolved(configured)) { $1 },
        environment: resolved(environment),
        style: style
    )
    try body(plugin, server)
    try plugin.end()
}
