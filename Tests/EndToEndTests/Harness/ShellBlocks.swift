import Foundation

/// The commands that a document tells its reader to type.
enum ShellBlocks {
    /// The blocks of a Markdown file that are marked `sh`, in their order.
    static func read(_ file: URL) throws -> [String] {
        var (blocks, open): ([String], [Substring]?) = ([], nil)
        for line in try String(contentsOf: file, encoding: .utf8).split(
            separator: "\n",
            omittingEmptySubsequences: false
        ) {
            if let lines = open, line == "```" {
                blocks.append(lines.joined(separator: "\n"))
                open = nil
            } else if open != nil {
                open?.append(line)
            } else if line == "```sh" {
                open = []
            }
        }
        return blocks
    }
}
