import PluginAPI

extension ConformanceCheck {
    /// Check operations with several items.
    static let batchChecks: [ConformanceCheck] =
        [1, 2, 7, 64, 1_000].map { count in
            ConformanceCheck(
                .batches,
                "of-\(count)-items",
                "A batch of \(count) is answered item by item, by the host's strides.",
                [.l2, .o4]
            ) { trial in
                try trial.need(count <= trial.largestBatch, "the plugin takes \(trial.largestBatch) items at most")
                try trial.withInstance { instance in
                    let names = (0..<count).map { trial.key("batch:\($0)") }
                    // Every third key is left out.
                    let items = names.enumerated().filter { $0.offset % 3 != 2 }.map {
                        TestedItem($0.element, [Array("value \($0.offset)".utf8)], ttlMilliseconds: 60_000)
                    }
                    let outcome = trial.end(instance.set(items))
                    let isStored = outcome?.statuses == items.map { _ in GW_OK }
                    trial.expect(isStored, .l2, "does not store every item of a batch of \(count)")
                    let found = trial.end(instance.get(names))
                    let values = found?.values ?? []
                    let expected: [String?] = (0..<count).map { $0 % 3 == 2 ? nil : "value \($0)" }
                    let isRight = values.count == count && zip(values, expected).allSatisfy { $0 == nil || $0 == $1 }
                    trial.expect(isRight, .l2, "does not answer a batch of \(count) item by item")
                    let hits = values.count { $0 != nil }
                    trial.expect(hits * 2 > items.count, .o4, "finds \(hits) of \(items.count) items of a batch")
                    instance.release(found?.leases ?? [])
                    if trial.plugin.has(GW_CAP_FLUSH) {
                        trial.end(instance.flush(trial.prefix))
                    } else if trial.plugin.has(GW_CAP_DELETE) {
                        trial.end(instance.delete(names))
                    }
                }
            }
        } + [
            ConformanceCheck(
                .batches,
                "with-a-key-twice",
                "A key that is looked up twice in one batch is answered twice, each with its own lease.",
                [.o4, .v3]
            ) { trial in
                try trial.need(trial.largestBatch > 2, "the plugin takes \(trial.largestBatch) items at most")
                try trial.withInstance { instance in
                    guard let key = trial.storeAndFind("twice", [[1, 2]], instance, removes: false) else { return }
                    let found = trial.end(instance.get([key, trial.key("none"), key]))
                    trial.expect(found?.bytes == [[1, 2], nil, [1, 2]], .o4, "does not answer a repeated key twice")
                    for lease in found?.leases ?? [] { instance.release([lease]) }
                    trial.remove([key], instance)
                }
            },
            ConformanceCheck(
                .batches,
                "of-misses-alone",
                "A batch of keys that are not there is a batch of misses.",
                [.o4]
            ) { trial in
                try trial.withInstance { instance in
                    let names = (0..<trial.batch).map { trial.key("none:\($0)") }
                    let found = trial.end(instance.get(names))
                    trial.expect(found?.statuses == names.map { _ in GW_MISS }, .o4, "finds keys that are not there")
                }
            },
            ConformanceCheck(
                .batches,
                "deleted-item-by-item",
                "GW_CAP_DELETE: each key of a batch is answered for itself.",
                [.l5, .o4]
            ) { trial in
                try trial.need(GW_CAP_DELETE, "GW_CAP_DELETE")
                try trial.need(trial.largestBatch > 2, "the plugin takes \(trial.largestBatch) items at most")
                try trial.withInstance { instance in
                    guard let key = trial.storeAndFind("there", [[1]], instance, removes: false) else { return }
                    let outcome = trial.end(instance.delete([trial.key("none"), key, trial.key("nor-this")]))
                    let statuses = outcome?.statuses ?? []
                    trial.expect(
                        statuses == [GW_MISS, GW_OK, GW_MISS] || (statuses.count == 3 && trial.mayNotKnow(statuses)),
                        .o4,
                        "answers a batch of deletions with \(outcome?.statuses ?? [])"
                    )
                }
            },
        ]
}
