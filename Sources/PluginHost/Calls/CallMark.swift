import CrashReport
import Glibc
import Synchronization

/// What one thread is calling of one plugin, for a crash report and for the watch over the event loops.
///
/// The thread that calls writes it: `begin` and `end` are a few stores. Every thread may read it. There is one for each
/// event loop and instance, which is never freed, since the thread refers to it until it calls another plugin.
///
/// It is `@unchecked Sendable` because the pointers are constants, the word is atomic, and only the calling thread uses
/// the number.
final class CallMark: @unchecked Sendable {
    private let word: UnsafeMutablePointer<Atomic<UInt64>>
    private let calls: UnsafeMutablePointer<crash_report_calls>
    private var number: UInt64 = 0

    /// - Parameter title: the plugin's title, which is copied.
    init(title: String) {
        word = .allocate(capacity: 1)
        word.initialize(to: Atomic(0))
        calls = .allocate(capacity: 1)
        calls.initialize(
            to: crash_report_calls(
                title: UnsafePointer(strdup(Printable.text(title))),
                word: UnsafeRawPointer(word).assumingMemoryBound(to: UInt64.self)
            )
        )
    }

    /// [the calling thread] A call begins.
    @inline(__always)
    func begin(_ function: PluginFunction) {
        number &+= 1
        crash_report_mark(calls)
        word.pointee.store(number &<< 8 | UInt64(function.rawValue), ordering: .relaxed)
    }

    /// [the calling thread] The call has returned.
    @inline(__always)
    func end() {
        crash_report_returned()
        word.pointee.store(number &<< 8, ordering: .relaxed)
    }

    /// [the calling thread] Makes a call.
    @inline(__always)
    func during<Result, Failure: Error>(
        _ function: PluginFunction,
        _ call: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        begin(function)
        defer { end() }
        return try call()
    }

    /// [the calling thread] Makes a single call, with a mark that exists only meanwhile.
    static func once<Result, Failure: Error>(
        _ title: String,
        _ function: PluginFunction,
        _ call: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let mark = CallMark(title: title)
        defer { mark.free() }
        return try mark.during(function, call)
    }

    /// [the calling thread] Frees the memory. Nothing else may use the mark any more.
    func free() {
        crash_report_mark(nil)
        Glibc.free(UnsafeMutableRawPointer(mutating: calls.pointee.title))
        calls.deallocate()
        word.deallocate()
    }

    /// [any thread] The present call. It is nil where there is none.
    var present: CallWatch.Call? {
        let word = word.pointee.load(ordering: .relaxed)
        return PluginFunction(rawValue: UInt8(truncatingIfNeeded: word)).map {
            CallWatch.Call(number: word &>> 8, function: $0)
        }
    }
}
