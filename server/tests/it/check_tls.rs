//! `rapport check` over TLS: problems of certificates.

use crate::check::Checked;
use crate::support::{Fault, Faulty, Program};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::{Path, PathBuf};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

/// A private certificate authority.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    folder: tempfile::TempDir,
}

impl Authority {
    pub(super) fn new() -> Self {
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.path().join("ca.pem"), params.self_signed(&key).unwrap().pem()).unwrap();
        Self { issuer: Issuer::new(params, key), folder }
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A root store with the certificate of the authority.
    pub(super) fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.file()).unwrap()).unwrap();
        roots
    }

    /// A server certificate for this name, valid for this many days.
    pub(super) fn certify(&self, name: &str, days: i64) -> ServerConfig {
        let (certificate, key) = self.sign(name, days);
        let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
        ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap()
    }

    /// The same as files, named as Let's Encrypt names them.
    pub(super) fn write(&self, name: &str, folder: &Path) {
        let (certificate, key) = self.sign(name, 90);
        std::fs::write(folder.join("fullchain.pem"), certificate.pem()).unwrap();
        std::fs::write(folder.join("privkey.pem"), key.serialize_pem()).unwrap();
    }

    fn sign(&self, name: &str, days: i64) -> (Certificate, KeyPair) {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let now = time::OffsetDateTime::now_utc();
        params.not_before = now - time::Duration::days(100);
        params.not_after = now + time::Duration::days(days);
        let key = KeyPair::generate().unwrap();
        (params.signed_by(&key, &self.issuer).unwrap(), key)
    }
}

/// A server behind a proxy that speaks TLS.
async fn behind(tls: ServerConfig, public_url: Option<&str>) -> (Program, Faulty) {
    let proxy = Faulty::listen(Fault::default(), Some(tls)).await;
    let url = proxy.url.clone();
    let settings =
        [("RAPPORT_PUBLIC_URL", public_url.unwrap_or(&url)), ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Program::with_site(&settings).await;
    proxy.stand_before(server.address());
    (server, proxy)
}

async fn checked(authority: &Authority, server: &Program, proxy: &Faulty) -> Checked {
    let file = authority.file();
    Checked::beside(server, &["--quick", "--ca", file.to_str().unwrap(), &proxy.url]).await
}

#[tokio::test]
async fn r3_all_steps_pass_over_tls_with_a_private_authority() {
    let authority = Authority::new();
    let (server, proxy) = behind(authority.certify("localhost", 90), None).await;
    checked(&authority, &server, &proxy).await.is_good();
    // Without being told of it, nobody knows this authority.
    let unknown = Checked::beside(&server, &["--quick", &proxy.url]).await;
    unknown.failed("certificate is valid", "an authority that this machine does not know", "fullchain.pem");
    unknown.failed("certificate is valid", "authority", "--ca FILE");
}

#[tokio::test]
async fn r3_an_expired_or_expiring_certificate_is_reported() {
    let authority = Authority::new();
    let (server, proxy) = behind(authority.certify("localhost", -1), None).await;
    checked(&authority, &server, &proxy).await.failed(
        "certificate is valid",
        "has expired",
        "certbot renew --cert-name localhost",
    );
    let (server, proxy) = behind(authority.certify("localhost", 3), None).await;
    checked(&authority, &server, &proxy).await.warned(
        "certificate does not expire",
        "within 14 days",
        "certbot renew",
    );
}

#[tokio::test]
async fn r3_a_certificate_for_another_name_is_reported() {
    let authority = Authority::new();
    let (server, proxy) = behind(authority.certify("shop.example", 90), None).await;
    let checked = checked(&authority, &server, &proxy).await;
    checked.failed("certificate is valid", "shop.example", "server_name localhost;");
    checked.failed("certificate is valid", "not for localhost", "ssl_certificate");
}

#[tokio::test]
async fn r3_https_to_a_plain_port_is_reported() {
    let server = Program::with_site(&[]).await;
    let url = format!("https://{}", server.address());
    let checked = Checked::beside(&server, &["--quick", &url]).await;
    checked.failed("certificate is valid", "does not speak TLS", "ssl;");
}

#[tokio::test]
async fn r3_a_public_url_without_tls_is_reported() {
    let authority = Authority::new();
    let proxy = Faulty::listen(Fault::default(), Some(authority.certify("localhost", 90))).await;
    let http = proxy.url.replace("https", "http");
    let settings = [("RAPPORT_PUBLIC_URL", http.as_str()), ("RAPPORT_TRUSTED_PROXIES", "127.0.0.1")];
    let server = Program::with_site(&settings).await;
    proxy.stand_before(server.address());
    let checked = checked(&authority, &server, &proxy).await;
    checked.failed(
        "public URL",
        &format!("the public URL {http}"),
        &format!("RAPPORT_PUBLIC_URL={}", proxy.url),
    );
}
