import Glibc

/// A plugin's file whose bytes have the digest that the configuration pins.
///
/// The dynamic linker opens the file again by its path. That it is the file whose bytes were hashed is checked
/// afterwards: the same inode, of the same size, not written to since. If somebody exchanges it in between, its
/// initializers have run by the time this is noticed. Only root and the gateway's own user could do so, as
/// `FileVetting` sees to.
struct PinnedFile {
    private struct Identity: Equatable {
        let device: dev_t
        let inode: ino_t
        let size: off_t
        let changed: Int
        let changedNanoseconds: Int

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode, size) = (status.st_dev, status.st_ino, status.st_size)
            (changed, changedNanoseconds) = (status.st_ctim.tv_sec, status.st_ctim.tv_nsec)
        }
    }

    private let path: String
    private let identity: Identity?

    /// - Throws: if the file has another digest.
    init(_ path: String, _ pin: FileDigest) throws(PluginError) {
        self.path = path
        identity = Identity(path)
        let digest = try FileDigest(of: path)
        guard digest == pin else {
            throw PluginError(
                .wrongDigest,
                path: path,
                "\(path) has the SHA-256 digest \(digest), but cache_params.plugin_sha256 says \(pin); "
                    + "install the plugin that was pinned, or pin this one if you trust it"
            )
        }
    }

    /// - Throws: if the file is not the one whose digest was taken.
    func checkUnchanged() throws(PluginError) {
        guard identity != nil, Identity(path) == identity else {
            throw PluginError(.wrongDigest, path: path, "\(path) was changed while it was loaded; start again")
        }
    }
}
