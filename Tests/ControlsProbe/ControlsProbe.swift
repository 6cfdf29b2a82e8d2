import Dialects
import JSON
import NIOCore
import ResponseCache

/// Reports for each line of its input how `ResponseCache` treats a request and an entry at any millisecond, which
/// cannot be tested from outside. `Tests/Controls` compares the reports with its reference model.
///
/// A line has these fields, separated by tabs: the request's body; when the entry was stored, its time to live, its two
/// windows, and the present, in milliseconds; and header fields as `c:VALUE` (Cache-Control) or `p:VALUE` (Pragma).
@main
struct ControlsProbe {
    static func main() {
        let document = JSONDocument()
        var output = ""
        while let line = readLine() {
            output += answer(to: line, with: document) + "\n"
            if output.utf8.count > 1 << 16 {
                print(output, terminator: "")
                output = ""
            }
        }
        print(output, terminator: "")
    }

    private static func answer(to line: String, with document: JSONDocument) -> String {
        let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
        let times = parts.dropFirst().prefix(5).compactMap { UInt64($0) }
        guard let body = parts.first, times.count == 5 else { return "malformed: \(line)" }
        do {
            try document.parse(ByteBuffer(string: String(body)))
            let request = try document.readRequest(OpenAI.request)
            var controls = try CacheControls(object: request.cache, in: document)
            let fields = parts.dropFirst(6)
            for field in fields where field.hasPrefix("c:") { controls.add(cacheControl: field.dropFirst(2)) }
            if !fields.contains(where: { $0.hasPrefix("c:") }) {
                for field in fields where field.hasPrefix("p:") { controls.add(pragma: field.dropFirst(2)) }
            }
            let freshness = Freshness(
                storedAt: times[0],
                timeToLive: times[1],
                staleWhileRevalidate: times[2],
                staleIfError: times[3],
                limits: controls.limits,
                now: times[4]
            )
            return text(of: controls, isCachingOff: request.isCachingOff) + " " + text(of: freshness)
        } catch let error as CacheControlsError {
            return "refused \(error.member)"
        } catch let error as RequestError {
            return "refused \(error.member)"
        } catch {
            return "refused"
        }
    }

    private static func text(of controls: CacheControls, isCachingOff: Bool) -> String {
        let flags = [
            ("no-cache", controls.noCache), ("no-store", controls.noStore), ("use-cache", controls.useCache),
            ("only-if-cached", controls.onlyIfCached), ("caching-off", isCachingOff),
        ]
        let said = flags.filter(\.1).map(\.0).joined(separator: ",")
        let timeToLive = controls.timeToLive.map(String.init) ?? "-"
        let namespace = controls.namespace.map { $0.utf8.map { String($0, radix: 16) }.joined(separator: ".") } ?? "-"
        return "\(said.isEmpty ? "-" : said) ttl=\(timeToLive) namespace=\(namespace)"
    }

    private static func text(of freshness: Freshness) -> String {
        switch freshness {
        case .fresh(let age, _): "fresh \(age)"
        case .acceptablyStale(let age, _): "accepted \(age)"
        case .revalidating(let age, _): "revalidated \(age)"
        case .staleIfError(let age, _): "kept \(age)"
        case .expired: "expired"
        case .tooOld: "too-old"
        }
    }
}
