// Whether ThreadSanitizer, with the annotations, finds races and only races. Usage: race guarded|deliberate|both
import Glibc
import Synchronization

final class Counter: Sendable {
    let guarded = Mutex(0)
    nonisolated(unsafe) var unguarded = 0
}

let counter = Counter()
let mode = CommandLine.arguments.dropFirst().first ?? "guarded"
let threads = (0..<4).map { _ in
    var thread = pthread_t()
    pthread_create(
        &thread,
        nil,
        { _ in
            for _ in 0..<100_000 {
                if mode != "deliberate" { counter.guarded.withLock { $0 += 1 } }
                if mode != "guarded" { counter.unguarded += 1 }
            }
            return nil
        },
        nil
    )
    return thread
}
for thread in threads { pthread_join(thread, nil) }
print(counter.guarded.withLock { $0 } + counter.unguarded)
