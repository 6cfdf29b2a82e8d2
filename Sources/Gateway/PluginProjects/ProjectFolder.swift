import Glibc

extension PluginProject {
    /// Makes the folder, with the project's files. Nothing that is there is changed: a folder of that name is refused.
    func write(to folder: String) throws(PluginProjectError) {
        guard mkdir(folder, 0o777) == 0 else {
            throw errno == EEXIST
                ? PluginProjectError(description: "\(folder) is there already; choose another name, or remove it")
                : failure(folder)
        }
        for file in files {
            let parts = file.path.split(separator: "/").dropLast()
            for count in 1..<(parts.count + 1) {
                let path = folder + "/" + parts.prefix(count).joined(separator: "/")
                guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path) }
            }
            try write(file.text, to: folder + "/" + file.path)
        }
    }

    private func write(_ text: String, to path: String) throws(PluginProjectError) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(path) }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            written += count
        }
    }

    private func failure(_ path: String) -> PluginProjectError {
        PluginProjectError(description: "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
