import HTTPSyntax
import NIOCore

/// What an entry's body holds.
public enum EntryForm: UInt8, Sendable {
    /// One answer as the upstream sent it, or a part of one in a form that its API family defines.
    case json = 0
    /// The events of a streamed answer.
    case stream = 1
}

/// The header before the body of every stored entry.
///
/// It is little-endian, and has 96 bytes followed by the content type, the labels and, in version 4, the tokens:
/// ```
///  0  magic "GWCE"         8  stored at, Unix ms     40  digest of the key, 32 bytes   88  checksum
///  4  version, 1 byte     16  time to live, ms       72  length of the body            96  content type
///  5  form, 1 byte        24  stale-while-revalidate 80  length of the content type        labels, 16 bytes each
///  6  status, 2 bytes     32  stale-if-error         82  number of labels, 2 bytes         tokens, 12 bytes
///                                                    84  duration of the call in ms, 4 bytes   body
/// ```
/// The labels and the time at which the call began are for purges (`PurgeMarks`). In version 1, which has neither, the six
/// bytes from 82 on are zero, and the call counts as begun when the entry was stored. A duration of 0xFFFFFFFF is that of what is
/// no answer of a model.
///
/// The tokens are those of the request, of the answer, and of the request from the provider's cache, 4 bytes each. An entry
/// whose answer did not say what it has cost has version 3, which is the same without them.
///
/// The checksum covers everything but itself; of an entry that is to be sealed it is zero.
public struct EntryHeader: Sendable, Hashable {
    /// Whether the body is an answer in one piece or a recorded stream.
    public let form: EntryForm
    /// The HTTP status of the answer.
    public let status: UInt16
    /// When the entry was stored, as Unix time in milliseconds.
    public let storedAt: UInt64
    /// The time to live in milliseconds. 0 means that the entry stays fresh.
    public let timeToLive: UInt64
    /// The window of RFC 5861 in milliseconds. 0 means none.
    public let staleWhileRevalidate: UInt64
    /// The window of RFC 5861 in milliseconds. 0 means none.
    public let staleIfError: UInt64
    /// The value of Content-Type.
    public let contentType: String
    /// The size of the body after the header, in bytes.
    public let bodyLength: Int
    /// What is known of the call that made the entry. Its labels are nil in an entry that was read while there was no
    /// purge, too.
    let facts: CallFacts
    /// The tokens that the answer has cost. It is nil where that is not known.
    public let usage: TokenUsage?

    /// Makes the header of an entry that is to be written. Times are in milliseconds.
    public init(
        form: EntryForm,
        status: UInt16,
        storedAt: UInt64,
        timeToLive: UInt64,
        staleWhileRevalidate: UInt64 = 0,
        staleIfError: UInt64 = 0,
        contentType: String,
        bodyLength: Int,
        facts: CallFacts? = nil,
        usage: TokenUsage? = nil
    ) {
        self.usage = usage
        self.facts = facts ?? CallFacts(began: storedAt, labels: nil)
        self.form = form
        self.status = status
        self.storedAt = storedAt
        self.timeToLive = timeToLive
        self.staleWhileRevalidate = staleWhileRevalidate
        self.staleIfError = staleIfError
        self.contentType = contentType
        self.bodyLength = bodyLength
    }
}

/// The layout above, as offsets.
enum EntryLayout {
    static let magic: UInt32 = 0x4543_5747
    static let version: UInt8 = 1
    /// The version of an entry with labels.
    static let labelledVersion: UInt8 = 3
    /// The version of an entry with labels and tokens.
    static let countedVersion: UInt8 = 4
    /// How many bytes the tokens have.
    static let usageLength = 12
    /// The version of a sealed entry: see `EntrySeal`.
    static let sealedVersion: UInt8 = 2
    static let versionAt = 4
    static let formAt = 5
    static let statusAt = 6
    static let storedAt = 8
    static let timeToLiveAt = 16
    static let staleWhileRevalidateAt = 24
    static let staleIfErrorAt = 32
    static let digestAt = 40
    static let digestLength = 32
    static let bodyLengthAt = 72
    static let contentTypeLengthAt = 80
    static let labelCountAt = 82
    static let durationAt = 84
    /// Stands in place of a duration in what is no answer of a model.
    static let noDuration: UInt32 = .max
    /// The most labels that an entry may have.
    static let mostLabels = 2 + CacheControls.mostTags
    static let checksumAt = 88
    static let fixedLength = 96
    /// The size of the longest header with its content type.
    static let longestHeader = fixedLength + MediaType.longest + mostLabels * EntryLabel.length + usageLength
}

extension EntryHeader {
    /// Returns the header's bytes. The entry is these bytes followed by `body`, written without joining them.
    ///
    /// - Parameter willBeSealed: whether the entry is to be sealed, and so needs no checksum.
    func encode(key: CacheKey, body: [ByteBuffer], willBeSealed: Bool = false) -> ByteBuffer {
        var contentType = contentType
        return contentType.withUTF8 { contentType in
            let labels = facts.labels ?? []
            let length = EntryLayout.fixedLength + contentType.count + labels.count * EntryLabel.length + usageLength
            var out = ByteBufferAllocator().buffer(capacity: length)
            out.writeWithUnsafeMutableBytes(minimumWritableBytes: length) { out in
                encode(key: key, UnsafeRawBufferPointer(contentType), body, willBeSealed, into: out)
                return length
            }
            return out
        }
    }

    /// How many bytes of the entry are for the tokens. They follow the labels, and so there are none without these.
    private var usageLength: Int { facts.labels == nil || usage == nil ? 0 : EntryLayout.usageLength }

    /// - Parameter out: has room for the header and the content type.
    private func encode(
        key: CacheKey,
        _ contentType: UnsafeRawBufferPointer,
        _ body: [ByteBuffer],
        _ willBeSealed: Bool,
        into out: UnsafeMutableRawBufferPointer
    ) {
        func store(_ value: some FixedWidthInteger, at offset: Int) {
            out.storeBytes(of: value.littleEndian, toByteOffset: offset, as: type(of: value))
        }
        store(EntryLayout.magic, at: 0)
        let labels = facts.labels
        store(
            labels == nil
                ? EntryLayout.version : usageLength == 0 ? EntryLayout.labelledVersion : EntryLayout.countedVersion,
            at: EntryLayout.versionAt
        )
        store(form.rawValue, at: EntryLayout.formAt)
        store(status, at: EntryLayout.statusAt)
        store(storedAt, at: EntryLayout.storedAt)
        store(timeToLive, at: EntryLayout.timeToLiveAt)
        store(staleWhileRevalidate, at: EntryLayout.staleWhileRevalidateAt)
        store(staleIfError, at: EntryLayout.staleIfErrorAt)
        key.digest.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(rebasing: out[EntryLayout.digestAt...]).copyMemory(from: $0)
        }
        store(UInt64(bodyLength), at: EntryLayout.bodyLengthAt)
        // The length is stored together with the zero bytes that follow it.
        store(UInt64(UInt16(clamping: contentType.count)), at: EntryLayout.contentTypeLengthAt)
        let contentTypeEnd = EntryLayout.fixedLength + contentType.count
        UnsafeMutableRawBufferPointer(rebasing: out[EntryLayout.fixedLength..<contentTypeEnd]).copyMemory(
            from: contentType
        )
        if let labels {
            store(UInt16(clamping: labels.count), at: EntryLayout.labelCountAt)
            let duration = storedAt > facts.began ? storedAt - facts.began : 0
            let known = UInt32(clamping: min(duration, UInt64(EntryLayout.noDuration - 1)))
            store(facts == .none ? EntryLayout.noDuration : known, at: EntryLayout.durationAt)
            for index in labels.indices {
                labels[index].write(into: out, at: contentTypeEnd + index * EntryLabel.length)
            }
        }
        let labelsEnd = contentTypeEnd + (labels?.count ?? 0) * EntryLabel.length
        if labels != nil, let usage {
            store(UInt32(clamping: usage.input), at: labelsEnd)
            store(UInt32(clamping: usage.output), at: labelsEnd + 4)
            store(UInt32(clamping: usage.cachedInput), at: labelsEnd + 8)
        }
        let end = labelsEnd + usageLength
        guard !willBeSealed else { return store(UInt64(0), at: EntryLayout.checksumAt) }
        var checksum = EntryChecksum()
        checksum.update(UnsafeRawBufferPointer(rebasing: out[..<EntryLayout.checksumAt]))
        checksum.update(UnsafeRawBufferPointer(rebasing: out[EntryLayout.fixedLength..<end]))
        for part in body { part.withUnsafeReadableBytes { checksum.update($0) } }
        store(checksum.finish(), at: EntryLayout.checksumAt)
    }
}
