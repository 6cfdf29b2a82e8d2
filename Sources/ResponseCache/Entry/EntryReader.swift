import HTTPSyntax
import Text

/// Why stored bytes are not an entry that may be served. Each of these is a miss, and the bytes are deleted.
public enum EntryFault: UInt8, Error, Sendable, CaseIterable {
    /// It is shorter than a header.
    case truncated
    /// It was not written by the gateway.
    case foreign
    /// It has another version of the format.
    case unknownVersion
    case unknownForm
    /// Its parts do not add up to its length.
    case wrongLength
    /// It is the entry of another key.
    case wrongKey
    /// Some byte changed since it was written.
    case damaged
    /// It is longer than any entry that `max_entry_size` allows.
    case tooLarge
    /// It has a status other than 200 or an invalid content type, which the gateway never writes.
    case implausible
    /// It is sealed, and there are no keys to open it with.
    case sealed
    /// It is not sealed although there are keys, so that anybody could have written it.
    case unsealed
    /// None of the keys sealed it.
    case unknownKey
    /// It cannot be opened: it was changed, sealed for another cache key, or forged.
    case forged

    /// The name in `Cache-Status` (an RFC 8941 token) and in logs.
    public var token: StaticString {
        switch self {
        case .truncated: "entry-truncated"
        case .foreign: "entry-foreign"
        case .unknownVersion: "entry-version"
        case .unknownForm: "entry-form"
        case .wrongLength: "entry-length"
        case .wrongKey: "entry-key"
        case .damaged: "entry-damaged"
        case .tooLarge: "entry-too-large"
        case .implausible: "entry-implausible"
        case .sealed: "entry-sealed"
        case .unsealed: "entry-unsealed"
        case .unknownKey: "entry-unknown-key"
        case .forged: "entry-forged"
        }
    }
}

extension EntryHeader {
    /// Reads and verifies a stored entry without copying its body, which is the last `bodyLength` bytes. Whoever can
    /// write to the backend can write a valid entry, but only one that the gateway could have written itself.
    ///
    /// - Parameters:
    ///   - wasSealed: whether the bytes were sealed, in which case the seal replaces the checksum.
    ///   - readsLabels: whether the labels are needed. They are verified in any case.
    init(
        verifying bytes: UnsafeRawBufferPointer,
        key: CacheKey,
        wasSealed: Bool = false,
        readsLabels: Bool = false
    ) throws(EntryFault) {
        guard bytes.count >= EntryLayout.fixedLength else { throw .truncated }
        guard EntryHeader.load(bytes, 0, as: UInt32.self) == EntryLayout.magic else { throw .foreign }
        let isCounted = bytes[EntryLayout.versionAt] == EntryLayout.countedVersion
        let isLabelled = isCounted || bytes[EntryLayout.versionAt] == EntryLayout.labelledVersion
        guard isLabelled || bytes[EntryLayout.versionAt] == EntryLayout.version else {
            throw bytes[EntryLayout.versionAt] == EntryLayout.sealedVersion ? .sealed : .unknownVersion
        }
        guard let form = EntryForm(rawValue: bytes[EntryLayout.formAt]) else { throw .unknownForm }

        // The length is read together with the number of labels and the duration, which are zero in version 1.
        let statedLengths = EntryHeader.load(bytes, EntryLayout.contentTypeLengthAt, as: UInt64.self)
        let contentTypeLength = Int(UInt16(truncatingIfNeeded: statedLengths))
        let labelCount = isLabelled ? Int(UInt16(truncatingIfNeeded: statedLengths >> 16)) : 0
        let labelsEnd = EntryLayout.fixedLength + contentTypeLength + labelCount * EntryLabel.length
        let variableLength = labelsEnd - EntryLayout.fixedLength + (isCounted ? EntryLayout.usageLength : 0)
        let rest = bytes.count - EntryLayout.fixedLength
        guard variableLength <= rest,
            let bodyLength = Int(exactly: EntryHeader.load(bytes, EntryLayout.bodyLengthAt, as: UInt64.self)),
            bodyLength == rest - variableLength
        else { throw .wrongLength }

        let digest = bytes[EntryLayout.digestAt..<EntryLayout.digestAt + EntryLayout.digestLength]
        guard SHA256Digest(bytes: UnsafeRawBufferPointer(rebasing: digest)) == key.digest else { throw .wrongKey }

        if !wasSealed {
            var checksum = EntryChecksum()
            checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<EntryLayout.checksumAt]))
            checksum.update(UnsafeRawBufferPointer(rebasing: bytes[EntryLayout.fixedLength...]))
            guard checksum.finish() == EntryHeader.load(bytes, EntryLayout.checksumAt, as: UInt64.self) else {
                throw .damaged
            }
        }

        let contentType = UnsafeRawBufferPointer(
            rebasing: bytes[EntryLayout.fixedLength..<EntryLayout.fixedLength + contentTypeLength]
        )
        let status = EntryHeader.load(bytes, EntryLayout.statusAt, as: UInt16.self)
        guard status == 200, isLabelled || statedLengths == UInt64(contentTypeLength),
            labelCount <= EntryLayout.mostLabels, MediaType.isWellFormed(contentType),
            form == .json || contentType.isEventStream
        else { throw .implausible }
        let storedAt = EntryHeader.load(bytes, EntryLayout.storedAt, as: UInt64.self)
        let duration = isLabelled ? min(statedLengths >> 32, storedAt) : 0
        let isAnswer = !isLabelled || statedLengths >> 32 != UInt64(EntryLayout.noDuration)
        var labels: [EntryLabel]?
        if isLabelled, readsLabels {
            let start = EntryLayout.fixedLength + contentTypeLength
            labels = (0..<labelCount).map { EntryLabel(bytes, at: start + $0 * EntryLabel.length) }
        }
        self.init(
            form: form,
            status: status,
            storedAt: storedAt,
            timeToLive: EntryHeader.load(bytes, EntryLayout.timeToLiveAt, as: UInt64.self),
            staleWhileRevalidate: EntryHeader.load(bytes, EntryLayout.staleWhileRevalidateAt, as: UInt64.self),
            staleIfError: EntryHeader.load(bytes, EntryLayout.staleIfErrorAt, as: UInt64.self),
            contentType: EntryHeader.text(contentType),
            bodyLength: bodyLength,
            facts: isAnswer ? CallFacts(began: storedAt - duration, labels: labels) : .none,
            usage: isCounted
                ? TokenUsage(
                    input: Int(EntryHeader.load(bytes, labelsEnd, as: UInt32.self)),
                    output: Int(EntryHeader.load(bytes, labelsEnd + 4, as: UInt32.self)),
                    cachedInput: Int(EntryHeader.load(bytes, labelsEnd + 8, as: UInt32.self))
                ) : nil
        )
    }

    private static func load<T: FixedWidthInteger>(_ bytes: UnsafeRawBufferPointer, _ offset: Int, as: T.Type) -> T {
        T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// Returns the content type. The usual one is a constant, so that a hit allocates nothing for it.
    private static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let usual: StaticString = "application/json"
        let isUsual = bytes.isText(usual)
        return isUsual ? "application/json" : String(decoding: bytes, as: UTF8.self)
    }
}

extension UnsafeRawBufferPointer {
    /// Whether a content type begins like that of an event stream.
    fileprivate var isEventStream: Bool {
        let name: StaticString = "text/event-stream"
        return count >= name.utf8CodeUnitCount && equalsIgnoringCase(0..<name.utf8CodeUnitCount, name)
    }
}
