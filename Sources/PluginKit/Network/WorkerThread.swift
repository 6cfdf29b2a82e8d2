import CLinux
import Glibc

/// A thread of the plugin with all signals blocked (rule T-4). Its owner joins it.
public struct WorkerThread {
    private let thread: pthread_t

    private final class Body {
        let name: String
        let run: () -> Void

        init(_ name: String, _ run: @escaping () -> Void) {
            self.name = name
            self.run = run
        }
    }

    /// - Parameter name: a name of at most 15 bytes.
    /// - Returns: nil if the system has no more threads.
    public init?(_ name: String, _ run: @escaping @Sendable () -> Void) {
        var all = sigset_t()
        var previous = sigset_t()
        sigfillset(&all)
        // A thread inherits the mask of the thread that makes it.
        pthread_sigmask(SIG_SETMASK, &all, &previous)
        defer { pthread_sigmask(SIG_SETMASK, &previous, nil) }
        let body = Unmanaged.passRetained(Body(name, run))
        var made = pthread_t()
        let code = pthread_create(
            &made,
            nil,
            { data in
                guard let data else { return nil }
                let body = Unmanaged<Body>.fromOpaque(data).takeRetainedValue()
                pthread_setname_np(pthread_self(), body.name)
                body.run()
                return nil
            },
            body.toOpaque()
        )
        guard code == 0 else {
            body.release()
            return nil
        }
        thread = made
    }

    /// Waits until the thread has ended.
    public func join() { pthread_join(thread, nil) }
}
