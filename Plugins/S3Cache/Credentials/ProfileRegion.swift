extension S3Settings {
    /// Takes the region from the profile of the AWS command line, where neither the configuration nor the environment
    /// names one. Reads a file.
    mutating func takeRegionOfProfile() {
        guard !isRegionGiven else { return }
        for case .files(_, let config, let profile, _) in chain {
            guard let text = SmallFile.read(config),
                let named = ProfileFile(text, isConfig: true)[profile]?["region"], Self.isRegion(named)
            else { continue }
            region = named
            isRegionGiven = true
        }
    }

    /// Whether a text can stand in a host's name and in a signature's scope.
    static func isRegion(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
    }
}
