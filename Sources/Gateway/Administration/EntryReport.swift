import HTTPSyntax
import JSON
import NIOCore
import ResponseCache

/// What `GET /cache/entry` tells of an entry. Times are in seconds, to the millisecond.
enum EntryReport {
    /// - Parameters:
    ///   - models: the names of the models whose labels the entry has.
    ///   - tenants: the names of the tenants whose labels it has.
    static func json(_ entry: EntryMetadata, _ key: CacheKey, models: [String], tenants: [String]) -> String {
        let header = entry.header
        return JSONWriter.object { report in
            report.member("key", key.description)
            report.member("state", entry.state.rawValue)
            report.member("detail", nil)
            report.member("models") { write(models, to: &$0) }
            report.member("tenants") { write(tenants, to: &$0) }
            report.member("form", header.form == .stream ? "stream" : "json")
            report.member("status") { $0.integer(Int(header.status)) }
            report.member("content_type", header.contentType)
            report.member("tokens") { json in
                guard let usage = header.usage else { return json.null() }
                json.object { members in
                    members.member("input") { $0.integer(usage.input) }
                    members.member("output") { $0.integer(usage.output) }
                }
            }
            report.member("body_bytes") { $0.integer(header.bodyLength) }
            report.member("stored_bytes") { if let bytes = entry.storedBytes { $0.integer(bytes) } else { $0.null() } }
            report.member("sealed") { $0.bool(entry.isSealed) }
            report.member("confirmed") { $0.bool(entry.storedBytes != nil) }
            report.member("stored_at", InternetTime.format(milliseconds: header.storedAt))
            report.member("call_began", entry.began.map { InternetTime.format(milliseconds: $0) })
            report.member("age_s") { $0.number(Double(entry.age) / 1000) }
            report.member("ttl_s") { write(header.timeToLive == 0 ? nil : Double(header.timeToLive), to: &$0) }
            report.member("remaining_s") { write(entry.remainingTimeToLive.map(Double.init), to: &$0) }
            report.member("stale_while_revalidate_s") { write(Double(header.staleWhileRevalidate), to: &$0) }
            report.member("stale_if_error_s") { write(Double(header.staleIfError), to: &$0) }
        }
    }

    /// What is told of bytes that are no entry which would be served.
    static func json(unreadable fault: EntryFault, _ key: CacheKey, storedBytes: Int) -> String {
        JSONWriter.object { report in
            report.member("key", key.description)
            report.member("state", "unreadable")
            report.member("detail", "\(fault.token)")
            report.member("stored_bytes") { $0.integer(storedBytes) }
        }
    }

    /// - Parameter milliseconds: nil where there is no such time.
    private static func write(_ milliseconds: Double?, to json: inout JSONWriter) {
        if let milliseconds { json.number(milliseconds / 1000) } else { json.null() }
    }

    private static func write(_ names: [String], to json: inout JSONWriter) {
        json.array { list in for name in names { list.string(name) } }
    }
}
