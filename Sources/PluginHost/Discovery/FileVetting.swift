import Glibc

/// Decides whether a file may be trusted with everything that the gateway may do: only root and the gateway's own user
/// can have put it there or can change it.
///
/// Every directory on the path is vetted, from the root on, and so is every directory that a symbolic link leads
/// through: whoever can rename any of them can replace the vetted file. A file that passes cannot be exchanged by
/// anybody else between being vetted and being loaded.
///
/// Group-writable is refused like world-writable, because the members of a group are not visible from here. Directories
/// such as /tmp, in which everybody may write but only owners may rename, may be passed through, but no plugin is
/// loaded from one.
enum FileVetting {
    /// How many symbolic links are followed, which is as many as the kernel follows.
    private static let mostLinks = 40
    /// `S_ISVTX`: in a directory of this mode, only their owners can rename and remove files.
    private static let sticky: mode_t = 0o1000

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
        let resolved = try vetWay(to: path, what: "plugin folder")
        try vetOwnership(status, path: resolved, what: "plugin folder")
    }

    /// - Returns: the absolute path without symbolic links.
    static func vetFile(_ path: String) throws(PluginError) -> String {
        let resolved = try vetWay(to: path, what: "plugin")
        var status = stat()
        guard lstat(resolved, &status) == 0 else { throw unreachable(path, what: "plugin", errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw PluginError(
                .notARegularFile,
                path: path,
                "\(path) is \(kind(status.st_mode)), not a plugin: put the plugin's library there instead"
            )
        }
        try vetOwnership(status, path: resolved, what: "plugin")
        try vetDirectory(parent(of: resolved))
        return resolved
    }

    // MARK: The path

    /// Walks to a file or directory from the root, component by component, and vets each directory on the path.
    /// - Returns: the absolute path without symbolic links.
    private static func vetWay(to path: String, what: String) throws(PluginError) -> String {
        var ahead = components(of: path)
        if path.utf8.first != UInt8(ascii: "/") { ahead += components(of: try workingDirectory()) }
        var place = "/"
        var links = 0
        try vetPassage(place)
        while let name = ahead.popLast() {
            if name == ".." {
                place = parent(of: place)
                continue
            }
            let next = place == "/" ? "/" + name : place + "/" + name
            var status = stat()
            guard lstat(next, &status) == 0 else { throw unreachable(path, what: what, errno) }
            switch status.st_mode & S_IFMT {
            case S_IFLNK:
                links += 1
                guard links <= mostLinks else { throw unreachable(path, what: what, ELOOP) }
                try vetOwner(status, path: next, what: "symbolic link", command: "chown -h")
                let target = try target(of: next, what: what)
                if target.utf8.first == UInt8(ascii: "/") { place = "/" }
                ahead += components(of: target)
            case S_IFDIR:
                place = next
                // The last component is vetted by the caller, more strictly.
                if !ahead.isEmpty { try vetPassage(place) }
            default:
                guard ahead.isEmpty else { throw unreachable(path, what: what, ENOTDIR) }
                place = next
            }
        }
        return place
    }

    /// The components in reverse order, so that the next one is the last element.
    private static func components(of path: String) -> [String] {
        path.split(separator: "/").map(String.init).filter { $0 != "." }.reversed()
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }

    private static func workingDirectory() throws(PluginError) -> String {
        guard let buffer = getcwd(nil, 0) else { throw unreachable(".", what: "working directory", errno) }
        defer { free(buffer) }
        return String(cString: buffer)
    }

    private static func target(of link: String, what: String) throws(PluginError) -> String {
        var room = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &room, room.count)
        guard count > 0 else { throw unreachable(link, what: what, errno) }
        return String(decoding: room.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Vets a directory on the path to something.
    private static func vetPassage(_ path: String) throws(PluginError) {
        var status = stat()
        guard lstat(path, &status) == 0 else { throw unreachable(path, what: "folder", errno) }
        let isSticky = status.st_mode & sticky != 0
        try vetOwnership(status, path: path, what: "folder", toleratesWriting: isSticky)
    }

    // MARK: Owners

    static func vetOwnership(
        _ status: stat,
        path: String,
        what: String,
        toleratesWriting: Bool = false
    ) throws(PluginError) {
        try vetOwner(status, path: path, what: what, command: "chown")
        guard status.st_mode & (S_IWGRP | S_IWOTH) == 0 || toleratesWriting else {
            let who = status.st_mode & S_IWOTH != 0 ? "everybody" : "its whole group"
            throw PluginError(
                .writableByOthers,
                path: path,
                "\(what) \(path) can be changed by \(who), who could put any code into the gateway: "
                    + "run 'chmod go-w \(path)'"
            )
        }
    }

    private static func vetOwner(_ status: stat, path: String, what: String, command: String) throws(PluginError) {
        let own = geteuid()
        guard status.st_uid == 0 || status.st_uid == own else {
            throw PluginError(
                .foreignOwner,
                path: path,
                "\(what) \(path) belongs to user \(status.st_uid), who could put any code into the gateway: "
                    + "run '\(command) \(own == 0 ? "root" : String(own)) \(path)' if you trust it"
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
