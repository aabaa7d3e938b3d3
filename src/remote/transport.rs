//! HTTP: one request, and one complete reply or none. Only this file and `names` know the library.
//!
//! Certificates are checked against the roots that the machine trusts and those of a `--ca-file`. Redirects are
//! not followed here: `client` decides where a token may go.

use std::io::Read as _;
use std::path::Path;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use ureq::http::Response;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body, Proxy};

use super::address::Base;
use super::names::Names;
use crate::error::{Error, Result, quoted};

/// The time limit for a connection.
const CONNECT: Duration = Duration::from_secs(15);

/// The time limit for a whole body, as a multiple of the limit for silence.
const WHOLE_BODY: u32 = 15;

/// The first bytes of gzip.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// Sends requests to one host.
pub struct Transport {
    agent: Agent,
    host: String,
}

/// A reply from the host.
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The body. Compression on the way is undone, and a file that is itself gzip is unpacked.
    pub body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Reply {
    /// The value of a header, if it is text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// All values of a header, joined by commas.
    pub fn headers(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        values.collect::<Vec<_>>().join(", ")
    }
}

impl Reply {
    /// Everything that came: the body, and the name and value of each header.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let headers = self.headers.iter();
        let headers =
            headers.flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()]);
        std::iter::once(self.body.as_slice()).chain(headers)
    }
}

/// Why there is no reply.
pub enum Trouble {
    /// The error may pass.
    Passing(Error),
    /// Another attempt does not help.
    Lasting(Error),
}

impl Transport {
    /// A transport for a host. `silence` is how long the host may send nothing before the request fails.
    /// `variable` reads the environment, for proxies.
    ///
    /// # Errors
    /// If the file of certificates cannot be read, or if a named proxy is invalid.
    pub fn new(
        base: &Base,
        ca_file: Option<&Path>,
        silence: Duration,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Transport> {
        let secure = base.join("").starts_with("https://");
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("oneseat/", env!("CARGO_PKG_VERSION")))
            // A request to this machine uses no proxy: a tunnel or a gateway may begin here.
            .proxy(if base.is_loopback() { None } else { proxy(secure, variable)? })
            .timeout_resolve(Some(CONNECT))
            .timeout_connect(Some(CONNECT.min(silence)))
            .timeout_recv_response(Some(silence))
            .timeout_per_read(Some(silence))
            .timeout_per_write(Some(silence))
            .timeout_recv_body(Some(silence.saturating_mul(WHOLE_BODY)));
        if secure {
            let roots = RootCerts::from(roots(ca_file)?);
            config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
        }
        let agent = Agent::with_parts(config.build(), DefaultConnector::default(), Names);
        Ok(Transport { agent, host: base.host().to_owned() })
    }

    /// Sends a GET request or, with a body, posts it as JSON. Reads the complete reply of at most `most` bytes.
    pub fn ask(
        &self,
        address: &str,
        headers: &[(&str, &str)],
        body: Option<&[u8]>,
        most: u64,
    ) -> std::result::Result<Reply, Trouble> {
        let reply = match body {
            None => headers
                .iter()
                .fold(self.agent.get(address), |request, (name, value)| {
                    request.header(*name, *value)
                })
                .call(),
            Some(body) => headers
                .iter()
                .fold(self.agent.post(address), |request, (name, value)| {
                    request.header(*name, *value)
                })
                .header("content-type", "application/json")
                .send(body),
        };
        let reply = reply.map_err(|error| self.no_reply(error))?;
        self.whole(reply, most)
    }

    fn whole(&self, reply: Response<Body>, most: u64) -> std::result::Result<Reply, Trouble> {
        let (head, mut body) = reply.into_parts();
        let status = head.status.as_u16();
        let body = body.with_config().limit(most).read_to_vec();
        let too_long = || {
            let told = format!("the answer of {} is longer than {} MiB", self.host, most >> 20);
            Trouble::Lasting(Error::remote(told).hint(
                "no answer of GitHub is this long: look at the address, and at proxies in between",
            ))
        };
        let body = body.map_err(|error| match error {
            ureq::Error::BodyExceedsLimit(_) => too_long(),
            ureq::Error::Timeout(_) => Trouble::Passing(Error::remote(format!(
                "{} went silent in the middle of an answer",
                self.host
            ))),
            error => Trouble::Passing(
                Error::remote(format!("the answer of {} ended too early", self.host))
                    .caused_by(error),
            ),
        })?;
        // A report may itself be gzip. It is unpacked here, so that an answer is searched for the token in
        // plain text.
        let body = match body.starts_with(GZIP) {
            true => unpacked(&body, most),
            false => Ok(body),
        };
        let body = body.map_err(|error| {
            let packed = format!("the compressed answer of {} is damaged", self.host);
            Trouble::Passing(Error::remote(packed).caused_by(error))
        })?;
        match body.len() as u64 > most {
            true => Err(too_long()),
            false => Ok(Reply { status, body, headers: head.headers }),
        }
    }

    /// The error if no reply came.
    fn no_reply(&self, error: ureq::Error) -> Trouble {
        let host = &self.host;
        let text = error.to_string();
        if is_tls(&error) {
            let told = Error::remote(format!("there is no safe connection to {host}"));
            let hint = if text.contains("UnknownIssuer") {
                "this machine does not know the certificate authority: name it with --ca-file FILE or ca_file in the configuration"
            } else if text.to_lowercase().contains("expired") {
                "have the certificate renewed, or set this machine's clock right"
            } else {
                "look at the certificate of the host, and at the address"
            };
            return Trouble::Lasting(told.caused_by(error).hint(hint));
        }
        match error {
            ureq::Error::Timeout(_) => {
                Trouble::Passing(Error::remote(format!("{host} does not answer in time")).hint(
                    "look at the network and at proxies (HTTPS_PROXY, NO_PROXY); --timeout gives it longer",
                ))
            }
            ureq::Error::HostNotFound => Trouble::Passing(
                Error::remote(format!("there is no host {host}"))
                    .hint("look at the name and at the network"),
            ),
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => {
                Trouble::Lasting(Error::remote(format!("the request to {host} is invalid")))
            }
            error => Trouble::Passing(
                Error::remote(format!("{host} cannot be reached, or breaks the connection"))
                    .caused_by(error)
                    .hint("look at the address, the network and proxies (HTTPS_PROXY, NO_PROXY)"),
            ),
        }
    }
}

/// Unpacks gzip, up to one byte more than `most`.
fn unpacked(packed: &[u8], most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed).take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Is it an error of the certificate or the handshake? The library may report these as invalid data.
fn is_tls(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Tls(_) | ureq::Error::Pem(_) | ureq::Error::Rustls(_) => true,
        ureq::Error::Io(error) => error.kind() == std::io::ErrorKind::InvalidData,
        _ => false,
    }
}

/// The roots that the machine trusts, and those of a file.
fn roots(ca_file: Option<&Path>) -> Result<Vec<Certificate<'static>>> {
    let machine = rustls_native_certs::load_native_certs().certs;
    let mut roots: Vec<Certificate<'static>> =
        machine.iter().map(|it| Certificate::from_der(it).to_owned()).collect();
    if let Some(file) = ca_file {
        roots.extend(certificates(file)?);
    }
    Ok(roots)
}

/// Checks that a file holds certificates.
///
/// # Errors
/// If the file cannot be read, or holds no certificate or a damaged one.
pub fn check_ca_file(file: &Path) -> Result<()> {
    certificates(file).map(drop)
}

fn certificates(file: &Path) -> Result<Vec<Certificate<'static>>> {
    let name = file.display().to_string();
    let cannot = |what: &str| Error::usage(what.to_owned()).at(&name, None);
    let text = std::fs::read(file)
        .map_err(|error| cannot("the certificates cannot be read").caused_by(error))?;
    let mut roots = Vec::new();
    for item in parse_pem(&text) {
        match item {
            // A PEM block need not hold a valid certificate.
            Ok(PemItem::Certificate(certificate))
                if webpki::anchor_from_trusted_cert(&certificate.der().into()).is_ok() =>
            {
                roots.push(certificate);
            }
            Ok(PemItem::Certificate(_)) | Err(_) => {
                return Err(cannot("there is a damaged certificate in it"));
            }
            Ok(_) => {}
        }
    }
    if roots.is_empty() {
        return Err(cannot("there is no certificate in it")
            .hint("use a file in PEM format: -----BEGIN CERTIFICATE-----"));
    }
    Ok(roots)
}

/// The proxy that the environment names, by curl's rules.
fn proxy(secure: bool, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Proxy>> {
    // `HTTP_PROXY` in capitals is ignored, because a CGI request can set it.
    let names: &[&str] = match secure {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let set = |name: &&str| variable(name).filter(|it| !it.trim().is_empty());
    let Some((name, text)) = names.iter().find_map(|name| Some((name, set(name)?))) else {
        return Ok(None);
    };
    // The address may contain a password, so it is not shown.
    let wrong = || Error::usage(format!("{name} in the environment is not a valid proxy"));
    let named = Proxy::new(text.trim()).map_err(|_| wrong())?;
    let mut proxy = Proxy::builder(named.protocol()).host(named.host()).port(named.port());
    if let Some(user) = named.username() {
        proxy = proxy.username(user);
    }
    if let Some(password) = named.password() {
        proxy = proxy.password(password);
    }
    let exceptions = ["no_proxy", "NO_PROXY"].iter().find_map(set).unwrap_or_default();
    for exception in exceptions.split(',').map(str::trim).filter(|it| !it.is_empty()) {
        // As with curl, a name also covers the hosts below it.
        let name = exception.trim_start_matches("*.").trim_start_matches('.');
        proxy = proxy.no_proxy(name);
        if name != "*" {
            proxy = proxy.no_proxy(&format!(".{name}"));
        }
    }
    proxy.build().map(Some).map_err(|_| wrong())
}

/// The origin of a redirect's target, for a message.
pub fn shown_host(address: &str) -> String {
    let host = super::address::origin_of(address);
    quoted(&host.unwrap_or_else(|| address.to_owned()))
}
