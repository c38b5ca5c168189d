//! What TLS needs: the certificates to trust, our own, and the rules by which a server's counts.

use std::{
    error::Error,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use esp_prov_input::files;
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error as TlsError, RootCertStore,
    SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{self, CryptoProvider, ring},
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    server::ParsedCertificate,
};
use tokio_postgres::{Config, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Mode, Tls};
use crate::ledger::{
    LedgerError,
    postgres::settings::{self, path},
};

pub(super) fn with(
    mode: Mode,
    config: &mut Config,
    setting: impl Fn(&str) -> Option<String>,
) -> Result<Tls, LedgerError> {
    let provider = Arc::new(ring::default_provider());
    let checked = Checked::new(mode, setting("sslrootcert"), Arc::clone(&provider))?;
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| odd(&error))?;
    let builder = builder.dangerous().with_custom_certificate_verifier(Arc::new(checked));
    let tls = match file_of(setting("sslcert"), "PGSSLCERT", "postgresql.crt") {
        None => builder.with_no_client_auth(),
        Some(file) => {
            let key = file_of(setting("sslkey"), "PGSSLKEY", "postgresql.key");
            let key = key
                .ok_or_else(|| unusable(&file, "its key is missing: name the file with sslkey"))?;
            let shown = builder.with_client_auth_cert(certificates(&file)?, private_key(&key)?);
            shown.map_err(|error| unusable(&file, &format!("it and its key: {error}")))?
        }
    };
    config.ssl_mode(if mode == Mode::Prefer { SslMode::Prefer } else { SslMode::Require });
    Ok(Tls::With(MakeRustlsConnect::new(tls)))
}

/// The file that is given, or the one in libpq's folder, unless a variable names another, if it
/// exists.
fn file_of(given: Option<String>, variable: &str, file: &str) -> Option<PathBuf> {
    let own = || path(variable, &[".postgresql", file], &["postgresql", file]);
    given.map(PathBuf::from).or_else(|| own().filter(|file| file.exists()))
}

fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, LedgerError> {
    let text = settings::read(file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text.as_bytes()).collect();
    let found = found.map_err(|error| unusable(file, &error.to_string()))?;
    if found.is_empty() {
        return Err(unusable(file, "no certificate in it (PEM)"));
    }
    Ok(found)
}

fn private_key(file: &Path) -> Result<PrivateKeyDer<'static>, LedgerError> {
    let text = settings::read(file)?;
    settings::keeps_others_out("the key", file)?;
    PrivateKeyDer::from_pem_slice(text.as_bytes())
        .map_err(|_| unusable(file, "no private key in it (PEM, not encrypted)"))
}

fn unusable(file: &Path, why: &str) -> LedgerError {
    LedgerError::Unusable(format!("{}: {why}", files::named(file)))
}

fn odd(error: &TlsError) -> LedgerError {
    LedgerError::Unusable(format!("TLS: {error}"))
}

/// What the certificate of a server is held against.
#[derive(Debug)]
struct Checked {
    mode: Mode,
    /// Those to trust, if any is to be.
    trusted: Option<(RootCertStore, Vec<CertificateDer<'static>>)>,
    provider: Arc<CryptoProvider>,
}

impl Checked {
    fn new(
        mode: Mode,
        given: Option<String>,
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, LedgerError> {
        if given.as_deref() == Some("system") {
            let why = "sslrootcert=system: name the file of the system's certificates instead, on \
                       Debian /etc/ssl/certs/ca-certificates.crt";
            return Err(LedgerError::Unusable(why.to_owned()));
        }
        let trusted = match file_of(given, "PGSSLROOTCERT", "root.crt") {
            // As for libpq, whoever has a file of roots wants it to count.
            Some(file) if mode > Mode::Prefer => {
                let all = certificates(&file)?;
                let mut roots = RootCertStore::empty();
                for one in &all {
                    let added = roots.add(one.clone());
                    added.map_err(|error| unusable(&file, &error.to_string()))?;
                }
                Some((roots, all))
            }
            None if mode > Mode::Require => {
                let why = "no certificate to check the server's by: name its file (PEM) with \
                           sslrootcert, or put it into ~/.postgresql/root.crt";
                return Err(LedgerError::Unusable(format!("sslmode={mode}: {why}")));
            }
            _ => None,
        };
        Ok(Self { mode, trusted, provider })
    }
}

impl ServerCertVerifier for Checked {
    fn verify_server_cert(
        &self,
        own: &CertificateDer<'_>,
        above: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, TlsError> {
        let Some((roots, all)) = &self.trusted else { return Ok(ServerCertVerified::assertion()) };
        let parsed = ParsedCertificate::try_from(own)?;
        let known = self.provider.signature_verification_algorithms.all;
        match verify_server_cert_signed_by_trust_anchor(&parsed, roots, above, now, known) {
            // One that signed itself, and may sign others: what `openssl req -x509` makes.
            Err(TlsError::InvalidCertificate(CertificateError::Other(_)))
                if all.iter().any(|one| one == own) => {}
            verdict => verdict?,
        }
        if self.mode == Mode::VerifyFull {
            verify_server_name(&parsed, name)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let known = &self.provider.signature_verification_algorithms;
        crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, TlsError> {
        let known = &self.provider.signature_verification_algorithms;
        crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// What a retry does not help with: a certificate that is not right, ours or the server's, and a
/// server without TLS.
pub(in super::super) fn refusal(error: &tokio_postgres::Error) -> Option<LedgerError> {
    let mut cause = error.source();
    while let Some(error) = cause {
        let inner = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let inner = inner.map(|error| error as &(dyn Error + 'static));
        let tls = inner.unwrap_or(error).downcast_ref::<TlsError>();
        match tls {
            Some(TlsError::InvalidCertificate(why)) => {
                let why = format!("the certificate of the database is refused: {why}");
                return Some(LedgerError::Refused(why));
            }
            Some(TlsError::AlertReceived(why)) => {
                let why = format!("the database refuses TLS with this station: {why:?}");
                return Some(LedgerError::Refused(why));
            }
            _ => {}
        }
        // The client library has no other sign of it.
        if error.to_string() == "server does not support TLS" {
            return Some(LedgerError::Refused("the database has no TLS".to_owned()));
        }
        cause = error.source();
    }
    None
}
