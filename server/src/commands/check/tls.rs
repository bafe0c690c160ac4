//! Steps of TLS: the trusted authorities, and the certificate of the server.

use super::report::Problem;
use super::target::Target;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::{CertificateError, ClientConfig, Error, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::TlsConnector;

const DAY: u64 = 86_400;
/// Remaining lifetime below which a certificate should have been renewed, in seconds.
const RENEWED: u64 = 14 * DAY;
const PATIENCE: Duration = Duration::from_secs(10);

/// The trusted root certificates.
#[derive(Debug)]
pub(super) struct Trust {
    roots: Arc<RootCertStore>,
    pub(super) client: Arc<ClientConfig>,
}

impl Trust {
    /// The root certificates of the system, and those of this file.
    pub(super) fn of_this_machine(ca: Option<&Path>) -> Result<Self, Problem> {
        // Fails if a provider is installed already, which then stays.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if let Some(path) = ca {
            let wrong = |why: String| {
                Problem::new(format!("{}: {why}", path.display()), "--ca needs a file of PEM certificates")
            };
            let certificates =
                CertificateDer::pem_file_iter(path).map_err(|error| wrong(error.to_string()))?;
            for certificate in certificates {
                let certificate = certificate.map_err(|error| wrong(error.to_string()))?;
                roots.add(certificate).map_err(|error| wrong(error.to_string()))?;
            }
        }
        let roots = Arc::new(roots);
        let client = ClientConfig::builder().with_root_certificates(Arc::clone(&roots)).with_no_client_auth();
        Ok(Self { roots, client: Arc::new(client) })
    }

    /// Does a TLS handshake and verifies the certificate. Returns the chain, for [`Self::holds_at`].
    pub(super) async fn greet(
        &self,
        target: &Target,
        unreachable: impl Fn(&std::io::Error) -> Problem,
    ) -> Result<Vec<CertificateDer<'static>>, Problem> {
        let stream = target.dial().await.map_err(|error| unreachable(&error))?;
        let connector = TlsConnector::from(Arc::clone(&self.client));
        let shaking = connector.connect(target.server_name()?, stream);
        let shaken = tokio::time::timeout(PATIENCE, shaking).await;
        let shaken =
            shaken.map_err(|_| Problem::new("the TLS handshake timed out", "the port does not speak TLS"))?;
        let stream = shaken.map_err(|error| {
            let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>());
            inner.map_or_else(|| no_tls(target, &error.to_string()), |error| explained(target, error))
        })?;
        let chain = stream.get_ref().1.peer_certificates().unwrap_or_default();
        Ok(chain.iter().map(|certificate| certificate.clone().into_owned()).collect())
    }

    /// Verifies the certificate at another time, in seconds since 1970.
    pub(super) fn holds_at(
        &self,
        target: &Target,
        chain: &[CertificateDer<'static>],
        seconds: u64,
    ) -> Result<(), Problem> {
        let Some((first, rest)) = chain.split_first() else { return Ok(()) };
        let verifier = WebPkiServerVerifier::builder(Arc::clone(&self.roots));
        let Ok(verifier) = verifier.build() else { return Ok(()) };
        let then = UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        match verifier.verify_server_cert(first, rest, &target.server_name()?, &[], then) {
            Ok(_) => Ok(()),
            Err(error) => Err(explained(target, &error)),
        }
    }

    /// Warns if the certificate should have been renewed.
    pub(super) fn lasts(&self, target: &Target, chain: &[CertificateDer<'static>]) -> Result<(), Problem> {
        self.holds_at(target, chain, UnixTime::now().as_secs() + RENEWED).map_err(|_| {
            let what = format!("it expires within {} days", RENEWED / DAY);
            renew(
                target,
                Problem::new(what, "automatic renewal does not work, or the proxy was not reloaded after it"),
            )
            .warning()
        })
    }
}

fn renew(target: &Target, wrong: Problem) -> Problem {
    wrong.change(format!("certbot renew --cert-name {} && systemctl reload nginx", target.origin.host()))
}

fn no_tls(target: &Target, what: &str) -> Problem {
    Problem::new(what, "the port does not speak TLS, or the proxy aborts the handshake")
        .change(format!("nginx: listen {} ssl;", target.origin.port()))
}

fn explained(target: &Target, error: &Error) -> Problem {
    let host = target.origin.host();
    let Error::InvalidCertificate(why) = error else { return no_tls(target, &error.to_string()) };
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => renew(
            target,
            Problem::new(
                "the certificate has expired",
                "it was not renewed, or this machine's clock is ahead",
            ),
        ),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            Problem::new("the certificate is not valid yet", "this machine's clock is behind")
                .change("timedatectl set-ntp true")
        }
        CertificateError::NotValidForName => other_name(host, "other names"),
        CertificateError::NotValidForNameContext { presented, .. } => other_name(host, &presented.join(", ")),
        CertificateError::UnknownIssuer => Problem::new(
            "the certificate is signed by an authority that this machine does not know",
            "the proxy does not send the intermediate certificates, or the authority is private",
        )
        .change("nginx: ssl_certificate …/fullchain.pem; (not cert.pem)")
        .change(
            "for a private authority: rapport check --ca FILE, and install the authority on every device",
        ),
        other => Problem::new(
            format!("the certificate is refused: {other}"),
            "it is not a certificate for a web server",
        ),
    }
}

fn other_name(host: &str, presented: &str) -> Problem {
    Problem::new(
        format!("the certificate is for {presented}, not for {host}"),
        "the proxy presents the certificate of another site",
    )
    .change(format!("nginx: server_name {host}; with ssl_certificate of {host} in the same server block"))
}
