extension S3Settings {
    /// Takes the region from the profile of the AWS command line, where neither the configuration nor the environment
    /// names one. It reads a file.
    mutating func takeRegionOfProfile() {
        guard !isRegionGiven else { return }
        for case .files(_, let config, let profile, _) in chain {
            guard let text = SmallFile.read(config),
                let named = ProfileFile(text, isConfig: true)[profile]?["region"], Self.isRegion(named),
                endpoint != nil || Self.isRegionOfAWS(named)
            else { continue }
            region = named
            isRegionGiven = true
        }
    }

    /// Whether a text is valid in a signature's scope. Servers other than AWS may give their regions any name.
    static func isRegion(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longestRegion
            && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
    }

    /// Whether a text can be a region of AWS, and so a part of the host name that signed requests are sent to. A region
    /// that a server reports must pass this check, because anything else could lead the requests to another host.
    static func isRegionOfAWS(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= longestRegion
            && text.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
            }
    }

    /// The greatest length of a part of a host's name.
    private static let longestRegion = 63
}
