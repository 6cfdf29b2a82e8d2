import ELF
import Glibc

/// The file of a plugin, which is read before any of its code runs.
enum LibraryFile {
    /// Calls `body` with the library at `file`, which is valid until it returns.
    static func read<Result>(
        _ file: String,
        _ body: (ELFLibrary) throws(ELFLibrary.Problem) -> Result
    ) throws(PluginError) -> Result {
        try withBytes(file) { (bytes) throws(PluginError) in
            do throws(ELFLibrary.Problem) {
                return try body(ELFLibrary(bytes: bytes))
            } catch {
                throw explain(error, file)
            }
        }
    }

    /// Calls `body` with the bytes of a file, which are valid until it returns.
    static func withBytes<Result>(
        _ file: String,
        _ body: (UnsafeRawBufferPointer) throws(PluginError) -> Result
    ) throws(PluginError) -> Result {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw unreadable(file, errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw unreadable(file, errno) }
        guard status.st_size > 0, let size = Int(exactly: status.st_size) else { throw explain(.notELF, file) }
        guard let memory = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), memory != MAP_FAILED else {
            throw unreadable(file, errno)
        }
        defer { munmap(memory, size) }
        return try body(UnsafeRawBufferPointer(start: memory, count: size))
    }

    private static func unreadable(_ file: String, _ code: CInt) -> PluginError {
        PluginError(
            .unreadable,
            path: file,
            "cannot read plugin \(file): \(String(cString: strerror(code)))"
                + (code == EACCES ? "; run 'chmod a+r \(file)'" : "")
        )
    }

    private static func explain(_ problem: ELFLibrary.Problem, _ file: String) -> PluginError {
        switch problem {
        case .notELF:
            PluginError(
                .notELF,
                path: file,
                "\(file) is not a shared library (not an ELF file): install the plugin again"
            )
        case .wrongClassOrByteOrder:
            PluginError(
                .wrongArchitecture,
                path: file,
                "\(file) is not built for this machine (not 64-bit little-endian): install the \(ELFLibrary.architecture) build"
            )
        case .wrongMachine(let machine):
            PluginError(
                .wrongArchitecture,
                path: file,
                "\(file) is built for another processor (ELF machine \(machine)): install the \(ELFLibrary.architecture) build"
            )
        case .notASharedObject:
            PluginError(
                .notASharedObject,
                path: file,
                "\(file) is an ELF file but not a shared library: build the plugin with -shared -fPIC"
            )
        case .damaged(let reason):
            PluginError(.damagedFile, path: file, "\(file) cannot be read as a shared library: \(reason)")
        }
    }
}
