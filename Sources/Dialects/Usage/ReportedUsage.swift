import Glibc
import ResponseCache

/// The members of a model's `usage`, of whichever API family.
struct ReportedUsage: Equatable {
    /// `prompt_tokens` or `input_tokens`.
    private(set) var input: Int?
    /// `completion_tokens` or `output_tokens`.
    private(set) var output: Int?
    /// `cached_tokens`, which are among the input tokens.
    private var cached = 0
    /// `cache_read_input_tokens` and `cache_creation_input_tokens`, which Anthropic counts beside the input tokens.
    private var readBeside = 0
    private var createdBeside = 0

    var isEmpty: Bool { input == nil && output == nil }

    /// Takes a member of the object or of an object within it.
    mutating func take(_ name: UnsafeRawBufferPointer, _ tokens: Int) {
        switch name.count {
        case 12 where name.isName("input_tokens"): input = tokens
        case 13 where name.isName("prompt_tokens"): input = tokens
        case 13 where name.isName("output_tokens"): output = tokens
        case 13 where name.isName("cached_tokens"): cached = tokens
        case 17 where name.isName("completion_tokens"): output = tokens
        case 23 where name.isName("cache_read_input_tokens"): readBeside = tokens
        case 27 where name.isName("cache_creation_input_tokens"): createdBeside = tokens
        default: break
        }
    }

    /// Completes it with what an earlier event has said of the input.
    mutating func complete(from earlier: ReportedUsage) {
        if (input ?? 0) == 0 {
            input = earlier.input
            readBeside = earlier.readBeside
            createdBeside = earlier.createdBeside
        }
    }

    /// The same for all API families.
    var tokens: TokenUsage {
        TokenUsage(
            input: (input ?? 0) + readBeside + createdBeside,
            output: output ?? 0,
            cachedInput: readBeside > 0 ? readBeside : min(cached, input ?? 0)
        )
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func isName(_ name: StaticString) -> Bool {
        guard let start = baseAddress, count == name.utf8CodeUnitCount else { return false }
        return memcmp(start, name.utf8Start, count) == 0
    }
}
