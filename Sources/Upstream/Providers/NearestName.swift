/// The name in `names` that `name` most likely was meant to be; nil if none is near.
func nearestName(to name: String, among names: [String]) -> String? {
    let limit = max(2, name.utf8.count / 3)
    let nearest = names.map { (name: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
        .min { $0.distance < $1.distance }
    guard let nearest, nearest.distance <= limit else { return nil }
    return nearest.name
}

/// Levenshtein's distance.
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
    var row = Array(0...second.count)
    for (i, byte) in first.enumerated() {
        var diagonal = row[0]
        row[0] = i + 1
        for (j, other) in second.enumerated() {
            let above = row[j + 1]
            row[j + 1] = byte == other ? diagonal : 1 + min(diagonal, above, row[j])
            diagonal = above
        }
    }
    return row[second.count]
}
