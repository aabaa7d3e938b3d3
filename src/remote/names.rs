//! Resolves host names through the operating system, with a time limit.
//!
//! The HTTP library's own resolver starts a thread without checking whether the start succeeds. If the start
//! fails, the program ends. If this resolver cannot start a thread, it resolves the name on the calling thread,
//! without a time limit.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread::Builder;
use std::time::Duration;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Resolves host names by asking the operating system.
#[derive(Debug, Default)]
pub(super) struct Names;

impl Resolver for Names {
    fn resolve(
        &self,
        address: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        let (Some(scheme), Some(authority)) = (address.scheme(), address.authority()) else {
            return Err(Error::HostNotFound);
        };
        let Some(name) = DefaultResolver::host_and_port(scheme, authority) else {
            return Err(Error::HostNotFound);
        };
        let mut addresses = self.empty();
        let found = addresses_of(&name, *timeout.after).map_err(|error| match error {
            Lost::Late => Error::Timeout(timeout.reason),
            Lost::System(error) => Error::from(error),
        })?;
        // The HTTP library takes 16 addresses of a host at most.
        for found in config.ip_family().keep_wanted(found.into_iter()).take(16) {
            addresses.push(found);
        }
        if addresses.is_empty() { Err(Error::HostNotFound) } else { Ok(addresses) }
    }
}

enum Lost {
    Late,
    System(std::io::Error),
}

fn addresses_of(name: &str, patience: Duration) -> Result<Vec<SocketAddr>, Lost> {
    let ask = |name: &str| name.to_socket_addrs().map(Iterator::collect);
    // An IP address needs no resolving.
    if let Ok(address) = name.parse() {
        return Ok(vec![address]);
    }
    let (found, finds) = sync_channel(1);
    let asked = name.to_owned();
    let thread = Builder::new().spawn(move || {
        let _given_up = found.send(ask(&asked));
    });
    if thread.is_err() {
        return ask(name).map_err(Lost::System);
    }
    match finds.recv_timeout(patience) {
        Ok(found) => found.map_err(Lost::System),
        Err(RecvTimeoutError::Timeout) => Err(Lost::Late),
        Err(RecvTimeoutError::Disconnected) => Ok(Vec::new()),
    }
}
