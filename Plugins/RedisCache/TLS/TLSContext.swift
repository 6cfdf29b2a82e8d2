import COpenSSL
import COpenSSLTLS
import Glibc
import PluginKit

/// [any thread] The TLS settings that all connections of an instance share: trusted authorities, the gateway's
/// certificate, versions.
///
/// It is unchecked because OpenSSL's context is immutable once made and may be shared by threads.
final class TLSContext: @unchecked Sendable {
    let raw: OpaquePointer
    let settings: TLSSettings

    /// Reads the files that the settings name.
    init(_ settings: TLSSettings) throws(PluginFailure) {
        guard let context = SSL_CTX_new(TLS_client_method()) else {
            throw PluginFailure(.defect, "OpenSSL could not make a TLS context: \(OpenSSLError.text)")
        }
        raw = context
        self.settings = settings
        let mode = SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
        _ = SSL_CTX_ctrl(context, SSL_CTRL_MODE, Int(mode), nil)
        let oldest = settings.minimumVersion == "TLSv1.3" ? TLS1_3_VERSION : TLS1_2_VERSION
        _ = SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, Int(oldest), nil)
        SSL_CTX_set_verify(context, settings.verification == .none ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, nil)
        if let ciphers = settings.ciphers, SSL_CTX_set_cipher_list(context, ciphers) != 1 {
            throw PluginFailure(.badConfiguration, "'ssl_ciphers' names no cipher that OpenSSL has")
        }
        try loadAuthorities()
        try loadCertificate()
    }

    deinit { SSL_CTX_free(raw) }

    private func loadAuthorities() throws(PluginFailure) {
        if settings.verification == .none { return }
        if settings.authorityFile == nil, settings.authorityFolder == nil, settings.authorityPEM == nil {
            _ = SSL_CTX_set_default_verify_paths(raw)
            return
        }
        if let file = settings.authorityFile {
            try Self.checkReadable(file, "ssl_ca_certs")
            guard SSL_CTX_load_verify_locations(raw, file, nil) == 1 else {
                throw PluginFailure(.badConfiguration, "'ssl_ca_certs': \(file) has no certificates in PEM form")
            }
        }
        if let folder = settings.authorityFolder {
            try Self.checkReadable(folder, "ssl_ca_path")
            guard SSL_CTX_load_verify_locations(raw, nil, folder) == 1 else {
                throw PluginFailure(
                    .badConfiguration,
                    "'ssl_ca_path': \(folder) cannot be used as a folder of certificates"
                )
            }
        }
        if let text = settings.authorityPEM { try trust(text) }
    }

    private func trust(_ text: String) throws(PluginFailure) {
        let bytes = Array(text.utf8)
        let count = bytes.withUnsafeBytes { raw -> Int in
            guard let memory = BIO_new_mem_buf(raw.baseAddress, Int32(clamping: raw.count)) else { return 0 }
            defer { BIO_free(memory) }
            var count = 0
            while let certificate = PEM_read_bio_X509(memory, nil, nil, nil) {
                if X509_STORE_add_cert(SSL_CTX_get_cert_store(self.raw), certificate) == 1 { count += 1 }
                X509_free(certificate)
            }
            return count
        }
        ERR_clear_error()
        if count == 0 { throw PluginFailure(.badConfiguration, "'ssl_ca_data' has no certificate in PEM form") }
    }

    private func loadCertificate() throws(PluginFailure) {
        guard let file = settings.certificateFile else { return }
        try Self.checkReadable(file, "ssl_certfile")
        guard SSL_CTX_use_certificate_chain_file(raw, file) == 1 else {
            throw PluginFailure(.badConfiguration, "'ssl_certfile': \(file) has no certificate in PEM form")
        }
        let keyFile = settings.keyFile ?? file
        try Self.checkReadable(keyFile, settings.keyFile == nil ? "ssl_certfile" : "ssl_keyfile")
        // Without a callback OpenSSL would ask for the password on the terminal.
        SSL_CTX_set_default_passwd_cb(raw) { room, size, _, data in
            guard let room, let data, size > 0 else { return 0 }
            let password = data.assumingMemoryBound(to: CChar.self)
            let length = min(strlen(password), Int(size))
            memcpy(room, password, length)
            return Int32(length)
        }
        let isLoaded = (settings.keyPassword ?? "").withCString { password in
            SSL_CTX_set_default_passwd_cb_userdata(raw, UnsafeMutableRawPointer(mutating: password))
            defer { SSL_CTX_set_default_passwd_cb_userdata(raw, nil) }
            return SSL_CTX_use_PrivateKey_file(raw, keyFile, SSL_FILETYPE_PEM) == 1
        }
        guard isLoaded else {
            ERR_clear_error()
            throw PluginFailure(
                .badConfiguration,
                "\(keyFile) has no private key in PEM form that fits 'ssl_certfile' and opens with 'ssl_password'"
            )
        }
    }

    private static func checkReadable(_ path: String, _ parameter: String) throws(PluginFailure) {
        guard access(path, R_OK) == 0 else {
            throw PluginFailure(.badConfiguration, "'\(parameter)': \(path) cannot be read: \(SystemError.text(errno))")
        }
    }
}

/// OpenSSL's text for the last failure on this thread.
enum OpenSSLError {
    static var text: String {
        let code = ERR_get_error()
        defer { ERR_clear_error() }
        guard code != 0, let reason = ERR_reason_error_string(code) else { return "no reason is given" }
        return String(cString: reason)
    }
}
