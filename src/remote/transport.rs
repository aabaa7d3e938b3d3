//! HTTP itself: one request, one reply, whole or not at all. The only file that names the library.
//!
//! Certificates are held against the roots that the machine trusts, and those of a `--ca-file`.
//! Redirects are not followed here: `client` decides where a token may go.

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

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(15);

/// A body may take this many times as long as one silence.
const WHOLE_BODY: u32 = 15;

/// How gzip begins.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// A way to talk to hosts.
pub struct Transport {
    agent: Agent,
    host: String,
}

/// What came back.
pub struct Reply {
    /// The status.
    pub status: u16,
    /// The body, unpacked: what was packed on its way, and a file that lies there packed.
    pub body: Vec<u8>,
    headers: ureq::http::HeaderMap,
}

impl Reply {
    /// A header's value, where it is text.
    pub fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    /// All values of a header, joined as one.
    pub fn headers(&self, name: &str) -> String {
        let values = self.headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        values.collect::<Vec<_>>().join(", ")
    }
}

impl Reply {
    /// All that came: the body, and each header's name and value.
    pub fn parts(&self) -> impl Iterator<Item = &[u8]> {
        let headers = self.headers.iter();
        let headers =
            headers.flat_map(|(name, value)| [name.as_str().as_bytes(), value.as_bytes()]);
        std::iter::once(self.body.as_slice()).chain(headers)
    }
}

/// Why nothing came back.
pub enum Trouble {
    /// It may pass.
    Passing(Error),
    /// Asking again does not help.
    Lasting(Error),
}

impl Transport {
    /// A way to talk to a host. `silence`: how long the host may say nothing before it is given
    /// up. `variable`: the environment, for proxies.
    ///
    /// # Errors
    /// If the file of certificates cannot be read, or a proxy is named that is none.
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
            // What goes to the machine itself passes no other: a tunnel begins here, or a gateway.
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

    /// Asks for something (or, with a body, posts it as JSON) and takes the whole reply, of so many
    /// bytes at most.
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
                "no answer of GitHub's is so long: look at the address, and at what stands in between",
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
        // A report that lies there packed: what is looked for in an answer, is looked for in its text.
        let body = match body.starts_with(GZIP) {
            true => unpacked(&body, most),
            false => Ok(body),
        };
        let body = body.map_err(|error| {
            let packed = format!("the answer of {} is packed, and damaged", self.host);
            Trouble::Passing(Error::remote(packed).caused_by(error))
        })?;
        match body.len() as u64 > most {
            true => Err(too_long()),
            false => Ok(Reply { status, body, headers: head.headers }),
        }
    }

    /// What to tell where no reply came.
    fn no_reply(&self, error: ureq::Error) -> Trouble {
        let host = &self.host;
        let text = error.to_string();
        if is_tls(&error) {
            let told = Error::remote(format!("there is no safe connection to {host}"));
            let hint = if text.contains("UnknownIssuer") {
                "the certificate is of an authority that this machine does not know: name it with --ca-file FILE or ca_file in the configuration"
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
                Trouble::Lasting(Error::remote(format!("this cannot be asked of {host}")))
            }
            error => Trouble::Passing(
                Error::remote(format!("{host} cannot be reached, or breaks the connection"))
                    .caused_by(error)
                    .hint("look at the address, the network and proxies (HTTPS_PROXY, NO_PROXY)"),
            ),
        }
    }
}

/// Unpacks gzip, up to a byte more than so many.
fn unpacked(packed: &[u8], most: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    MultiGzDecoder::new(packed).take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Is it the certificate, or the handshake? The library hands both out as errors of input.
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

/// Are there certificates in a file that is named for them?
///
/// # Errors
/// If it cannot be read, or has none, or a damaged one.
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
            // What stands in the frame need not be a certificate.
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
            .hint("a file in PEM form is wanted: -----BEGIN CERTIFICATE-----"));
    }
    Ok(roots)
}

/// The proxy that the environment names, by the rules that curl has.
fn proxy(secure: bool, variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<Proxy>> {
    // HTTP_PROXY in capitals is left alone: a CGI request can set it.
    let names: &[&str] = match secure {
        true => &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"],
        false => &["http_proxy", "all_proxy", "ALL_PROXY"],
    };
    let set = |name: &&str| variable(name).filter(|it| !it.trim().is_empty());
    let Some((name, text)) = names.iter().find_map(|name| Some((name, set(name)?))) else {
        return Ok(None);
    };
    // Its address may have a password in it: it is not shown.
    let wrong = || Error::usage(format!("{name} in the environment is no proxy that can be used"));
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
        // As with curl, a name stands for the hosts below it as well.
        let name = exception.trim_start_matches("*.").trim_start_matches('.');
        proxy = proxy.no_proxy(name);
        if name != "*" {
            proxy = proxy.no_proxy(&format!(".{name}"));
        }
    }
    proxy.build().map(Some).map_err(|_| wrong())
}

/// The host that a redirect leads to, for a message.
pub fn shown_host(address: &str) -> String {
    let host = super::address::origin_of(address);
    quoted(&host.unwrap_or_else(|| address.to_owned()))
}
