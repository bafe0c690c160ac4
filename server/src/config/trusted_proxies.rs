//! Reverse proxies whose `X-Forwarded-For` or `Forwarded` is trusted.

use ipnet::IpNet;
use std::net::IpAddr;
use std::str::FromStr;

/// Addresses and networks of reverse proxies; `unix` stands for connections over a Unix socket.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    unix: bool,
}

impl TrustedProxies {
    /// Parses the entries of the list.
    ///
    /// # Errors
    /// The entry that is not an address, a network or `unix`.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let mut trusted = Self::default();
        for entry in entries {
            if entry == "unix" {
                trusted.unix = true;
            } else if let Ok(network) = IpNet::from_str(entry) {
                trusted.networks.push(network);
            } else if let Ok(address) = IpAddr::from_str(entry) {
                trusted.networks.push(address.into());
            } else {
                return Err(format!(
                    "`{entry}` is neither an address (10.0.0.1), a network (10.0.0.0/8) nor `unix`"
                ));
            }
        }
        Ok(trusted)
    }

    /// Whether the peer is trusted; `None` is a Unix socket.
    #[must_use]
    pub fn trusts(&self, peer: Option<IpAddr>) -> bool {
        match peer {
            None => self.unix,
            Some(address) => self.networks.iter().any(|network| network.contains(&address.to_canonical())),
        }
    }

    /// The client's address: that of the peer or, if the peer is trusted, the last of the forwarded addresses that is not a
    /// trusted proxy. Entries before it may be forged by the client. `None` in the list is an entry without an address.
    #[must_use]
    pub fn client(&self, peer: Option<IpAddr>, forwarded: &[Option<IpAddr>]) -> Option<IpAddr> {
        let peer = peer.map(|address| address.to_canonical());
        if !self.trusts(peer) {
            return peer;
        }
        let mut client = peer;
        for address in forwarded.iter().rev() {
            let Some(address) = address else { break };
            client = Some(address.to_canonical());
            if !self.trusts(client) {
                break;
            }
        }
        client
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn x_forwarded_for_counts_only_from_trusted_proxies() {
        let trusted =
            TrustedProxies::parse(&["127.0.0.1".into(), "10.0.0.0/8".into(), "unix".into()]).unwrap();
        let client = |peer: Option<IpAddr>, forwarded: &[&str]| {
            let forwarded: Vec<_> = forwarded.iter().map(|text| text.parse().ok()).collect();
            trusted.client(peer, &forwarded)
        };
        assert_eq!(client(ip("203.0.113.9"), &["198.51.100.1"]), ip("203.0.113.9"));
        assert_eq!(client(ip("127.0.0.1"), &["198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(client(ip("::ffff:127.0.0.1"), &["198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(client(ip("127.0.0.1"), &["6.6.6.6", "198.51.100.1", "10.2.3.4"]), ip("198.51.100.1"));
        assert_eq!(client(ip("127.0.0.1"), &["6.6.6.6", "nonsense"]), ip("127.0.0.1"));
        assert_eq!(client(ip("127.0.0.1"), &[]), ip("127.0.0.1"));
        assert_eq!(client(None, &["198.51.100.1"]), ip("198.51.100.1"));
        assert_eq!(TrustedProxies::default().client(None, &[ip("198.51.100.1")]), None);
        assert!(TrustedProxies::parse(&["nginx".into()]).is_err());
    }
}
