import ArgumentParser
import Configuration
import Logging
import Text

/// `gateway explain`: says why two requests do or do not share an entry of the cache.
struct ExplainCommand: ParsableCommand {
    /// How an explanation is printed.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say why two requests do or do not share a cached answer, or what is in the key of one.",
        discussion: """
            Reads the bodies of requests from files, as the gateway of the configuration would read them, and compares \
            what their cache keys cover. Nothing is asked, stored or connected to, and no plugin is loaded. Without \
            --config any model is known, with the usual rules, and no keys are shown.

            Exit codes: 0 they share their entries (the key is the request's; the one request is cached), 1 they do not, \
            64 wrong command line, 65 a request that the gateway would refuse, 66 a file that cannot be read, 78 wrong \
            configuration.
            """
    )

    @Argument(help: "The file with the body of a request; '-' for standard input.")
    var request: String

    @Argument(
        help: ArgumentHelp(
            "The file with another body, or a key as x-litellm-cache-key shows it.",
            valueName: "request-or-key"
        )
    )
    var other: String?

    @OptionGroup var source: SourceOptions

    @Option(help: "The path to which the requests are sent; without it their members decide.")
    var endpoint: String?

    @Option(help: "The name of the key in general_settings.keys with which they are sent; without it the master key's.")
    var keyName: String?

    @Option(name: [.customShort("H"), .long], help: "A header field of the requests, 'NAME: VALUE'; may be repeated.")
    var header: [String] = []

    @Option(help: "The path for the second request, where it is another one.")
    var secondEndpoint: String?

    @Option(help: "The name of the key of the second request, where it is another one.")
    var secondKeyName: String?

    @Option(help: "A header field of the second request, in place of those that --header names; may be repeated.")
    var secondHeader: [String] = []

    @Option(help: "How the explanation is printed: text or json.")
    var format = Format.text

    @Flag(help: "Show values and lists whole.")
    var complete = false

    func validate() throws {
        if [request, other].allSatisfy({ $0.map { RequestFile(path: $0).isStandardInput } ?? false }) {
            throw ValidationError("Only one of the requests can be read from standard input.")
        }
        if source.config == nil {
            if keyName ?? secondKeyName != nil {
                throw ValidationError("A key is named in general_settings.keys; name the configuration with --config.")
            }
            if comparedKey != nil {
                throw ValidationError("A key depends on the configuration; name it with --config.")
            }
        }
        if other == nil || comparedKey != nil, secondEndpoint ?? secondKeyName ?? secondHeader.first != nil {
            throw ValidationError("There is no second request for the options that are about it.")
        }
    }

    /// The key, where the second argument is one and no file.
    private var comparedKey: ComparedKey? {
        guard let other, !RequestFile(path: other).exists else { return nil }
        return ComparedKey(other)
    }

    func run() throws {
        let explainer = try explainer()
        let first = try read(
            RequestFile(path: request),
            explainer,
            RequestSettings(endpoint: endpoint, headers: header, keyName: keyName)
        )
        if let key = comparedKey {
            let explanation = KeyExplanation(key, of: first.request, from: first.source, explainer)
            let text = text(explainer)
            print(format == .json ? json(explainer).text(explanation) : text.text(explanation))
            throw explanation.input == nil ? ExitCode(1) : ExitCode.success
        }
        guard let other else {
            print(format == .json ? json(explainer).text(first.request) : text(explainer).text(first.request))
            throw first.request.uncached == nil ? ExitCode.success : ExitCode(1)
        }
        let second = try read(
            RequestFile(path: other),
            explainer,
            RequestSettings(
                endpoint: secondEndpoint ?? endpoint,
                headers: secondHeader.isEmpty ? header : secondHeader,
                keyName: secondKeyName ?? keyName
            )
        )
        let explanation = Explanation(
            first.request,
            second.request,
            keyedHeaders: explainer.generation.routes.keyedHeaders
        )
        print(format == .json ? json(explainer).text(explanation) : text(explainer).text(explanation))
        throw explanation.isShared ? ExitCode.success : ExitCode(1)
    }

    private func text(_ explainer: RequestExplainer) -> ExplanationText {
        ExplanationText(
            keyedHeaders: explainer.generation.routes.keyedHeaders,
            isComplete: complete,
            showsKeys: source.config != nil
        )
    }

    private func json(_ explainer: RequestExplainer) -> ExplanationJSON {
        ExplanationJSON(
            keyedHeaders: explainer.generation.routes.keyedHeaders,
            isComplete: complete,
            showsKeys: source.config != nil
        )
    }

    // MARK: Reading

    /// What the options say of one request.
    private struct RequestSettings {
        let endpoint: String?
        let headers: [String]
        let keyName: String?
    }

    private func read(
        _ file: RequestFile,
        _ explainer: RequestExplainer,
        _ settings: RequestSettings
    ) throws -> (request: ExplainedRequest, source: RequestSource) {
        do {
            let source = RequestSource(
                name: file.name.quotable(atMost: 200),
                body: try file.read(atMost: explainer.generation.limits.bodyBytes),
                endpoint: settings.endpoint,
                headers: settings.headers,
                keyName: settings.keyName
            )
            return (try explainer.read(source), source)
        } catch let failure as RequestFile.Failure {
            StandardError.print("gateway: \(failure)")
            throw ExitCode.noInput
        } catch let unexplained as UnexplainedRequest {
            let sentence = "\(file.name.quotable(atMost: 200)): \(unexplained)"
            switch unexplained.reason {
            case .usage: throw ValidationError(sentence)
            case .refused:
                StandardError.print(sentence)
                throw ExitCode.unusableInput
            case .neverCached:
                StandardError.print(sentence)
                throw ExitCode(1)
            }
        }
    }

    private func explainer() throws -> RequestExplainer {
        guard let path = source.config else {
            return try UsualConfiguration.withFile { try explainer(of: $0) }
        }
        return try explainer(of: path)
    }

    private func explainer(of path: String) throws -> RequestExplainer {
        do {
            let blueprint = try Blueprint.read(
                from: path,
                environmentFile: source.envFile,
                plugins: nil
            )
            let log = Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() }
            let resources = ServerResources(
                descriptors: DescriptorLimit.raised(),
                eventLoops: 1,
                log: log,
                limitedLog: LimitedLog(log)
            )
            return try RequestExplainer(blueprint, resources)
        } catch let error as WrongConfiguration {
            let errors = error.diagnostics.filter(\.isError)
            for each in errors { StandardError.print(each.description) }
            throw ExitCode.wrongConfiguration
        }
    }
}
