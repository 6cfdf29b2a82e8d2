import Glibc

/// Whether a file may be trusted with everything the gateway may do: nobody but root and the
/// gateway's own user can have put it there or can change it.
///
/// A symbolic link is followed; what it leads to, and the folder that is in, must pass the same checks.
/// Group-writable is refused like world-writable: who else is in a group is not visible from here.
enum FileVetting {
    static func vetDirectory(_ path: String) throws(PluginError) {
        guard !path.isEmpty, !path.utf8.contains(0) else {
            throw PluginError(.directoryMissing, path: path, "the plugin folder's name is empty or has a NUL in it")
        }
        var status = stat()
        guard stat(path, &status) == 0 else { throw unreachable(path, what: "plugin folder", errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw PluginError(
                .notADirectory,
                path: path,
                "\(path) is not a folder: name the one that has the plugins with --plugin-dir"
            )
        }
        try vetOwnership(status, path: path, what: "plugin folder")
    }

    /// - Returns: the absolute path without symbolic links.
    static func vetFile(_ path: String) throws(PluginError) -> String {
        var link = stat()
        guard lstat(path, &link) == 0 else { throw unreachable(path, what: "plugin", errno) }
        guard let buffer = realpath(path, nil) else { throw unreachable(path, what: "plugin", errno) }
        let resolved = String(cString: buffer)
        free(buffer)
        var status = stat()
        guard stat(resolved, &status) == 0 else { throw unreachable(resolved, what: "plugin", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PluginError(
                .notARegularFile,
                path: path,
                "\(path) is \(kind(status.st_mode)), not a plugin: put the plugin's library there instead"
            )
        }
        try vetOwnership(status, path: resolved, what: "plugin")
        if let slash = resolved.lastIndex(of: "/") {
            let folder = slash == resolved.startIndex ? "/" : String(resolved[..<slash])
            try vetDirectory(folder)
        }
        return resolved
    }

    static func vetOwnership(_ status: stat, path: String, what: String) throws(PluginError) {
        let own = geteuid()
        guard status.st_uid == 0 || status.st_uid == own else {
            throw PluginError(
                .foreignOwner,
                path: path,
                "\(what) \(path) belongs to user \(status.st_uid), who could put any code into the gateway: "
                    + "run 'chown \(own == 0 ? "root" : String(own)) \(path)' if you trust it"
            )
        }
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 else {
            let who = status.st_mode & S_IWOTH != 0 ? "everybody" : "its whole group"
            throw PluginError(
                .writableByOthers,
                path: path,
                "\(what) \(path) can be changed by \(who), who could put any code into the gateway: "
                    + "run 'chmod go-w \(path)'"
            )
        }
    }

    private static func unreachable(_ path: String, what: String, _ code: CInt) -> PluginError {
        switch code {
        case ELOOP:
            return PluginError(
                .symbolicLinkLoop,
                path: path,
                "\(what) \(path) is a symbolic link that leads back to itself: remove it and install the \(what) again"
            )
        case ENOENT where what == "plugin folder":
            return PluginError(
                .directoryMissing,
                path: path,
                "plugin folder \(path) does not exist: create it, or name another with --plugin-dir"
            )
        case ENOTDIR:
            return PluginError(.notADirectory, path: path, "\(path) leads through something that is not a folder")
        case ENOENT:
            return PluginError(
                .pluginMissing,
                path: path,
                "plugin \(path) is a symbolic link to a file that does not exist: install the plugin again"
            )
        default:
            return PluginError(
                .unreadable,
                path: path,
                "cannot look at \(what) \(path): \(String(cString: strerror(code)))"
            )
        }
    }

    private static func kind(_ mode: mode_t) -> String {
        switch mode & S_IFMT {
        case S_IFDIR: "a folder"
        case S_IFSOCK: "a socket"
        case S_IFIFO: "a pipe"
        case S_IFCHR, S_IFBLK: "a device"
        default: "not a regular file"
        }
    }
}
