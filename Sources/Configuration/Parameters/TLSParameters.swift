import Text

/// What the file says about TLS of listeners, before it is known whether it is complete.
struct TLSDraft {
    var certificate: TLSSettings.File?
    var key: TLSSettings.File?
    var clientAuthorities: TLSSettings.File?
    var requiresClientCertificate: Bool?
    /// The position of `tls_client_certificates`.
    var clientCertificatesPosition: SourcePosition?

    /// The settings. They are nil where the file names no certificate.
    var settings: TLSSettings? {
        guard let certificate, let key else { return nil }
        return TLSSettings(
            certificate: certificate,
            key: key,
            clientAuthorities: clientAuthorities,
            requiresClientCertificate: requiresClientCertificate ?? true
        )
    }

    /// Reports what is missing beside what is there.
    var incompleteness: Diagnostic? {
        if let certificate, key == nil {
            return Diagnostic(.error, at: certificate.position, "'tls_certificate' needs 'tls_key', which is not there")
        }
        if let key, certificate == nil {
            return Diagnostic(.error, at: key.position, "'tls_key' needs 'tls_certificate', which is not there")
        }
        if let clientAuthorities, certificate == nil {
            return Diagnostic(
                .error,
                at: clientAuthorities.position,
                "'tls_client_ca' needs 'tls_certificate' and 'tls_key', which are not there"
            )
        }
        if let clientCertificatesPosition, clientAuthorities == nil {
            return Diagnostic(
                .error,
                at: clientCertificatesPosition,
                "'tls_client_certificates' needs 'tls_client_ca', which is not there"
            )
        }
        return nil
    }
}

extension SectionParameter where Target == SettingsDraft.GeneralDraft {
    /// TLS of listeners.
    static var tls: [SectionParameter] {
        [
            file(
                "tls_certificate",
                \.tls.certificate,
                "A file (PEM) with the gateway's certificate, followed by those that lead to its authority. Listeners then "
                    + "speak TLS, except on Unix sockets and where `--listen http://…` says otherwise. Read again by a "
                    + "reload. Default: none."
            ),
            file("tls_key", \.tls.key, "A file (PEM) with the private key of `tls_certificate`, without a password."),
            file(
                "tls_client_ca",
                \.tls.clientAuthorities,
                "A file (PEM) with the authorities whose certificates clients must present. Default: none is asked for."
            ),
            SectionParameter(
                "tls_client_certificates",
                "`required` or `optional`",
                "Whether clients without a certificate are refused; one that is presented must be valid in any case. Default: "
                    + "`required`."
            ) { member, draft, context in
                draft.tls.clientCertificatesPosition = member.keyPosition
                guard let text = context.text(member) else { return }
                if text.utf8.elementsEqual("required".utf8) {
                    draft.tls.requiresClientCertificate = true
                } else if text.utf8.elementsEqual("optional".utf8) {
                    draft.tls.requiresClientCertificate = false
                } else {
                    context.error(
                        member.value.position,
                        "'tls_client_certificates' in general_settings must be 'required' or 'optional', not "
                            + "\(context.quoted(member.value))"
                    )
                }
            },
        ]
    }

    private static func file(
        _ name: String,
        _ path: any WritableKeyPath<Target, TLSSettings.File?> & Sendable,
        _ meaning: String
    ) -> SectionParameter {
        SectionParameter(name, "file", meaning) { member, draft, context in
            guard let text = context.name(member) else { return }
            draft[keyPath: path] = TLSSettings.File(path: text, position: member.value.position)
        }
    }
}
