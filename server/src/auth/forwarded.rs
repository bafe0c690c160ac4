//! Client addresses that reverse proxies report, by `X-Forwarded-For` and by `Forwarded` (RFC 7239).

use crate::config::TrustedProxies;
use axum::http::HeaderMap;
use std::net::IpAddr;

/// The addresses that a request came from, as its proxies report them. The last entry is that of the nearest proxy.
pub(super) struct Forwarded {
    x_forwarded_for: String,
    forwarded: String,
}

impl Forwarded {
    /// Reads both headers. A header that stands several times counts as one list.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let list = |name: &str| {
            let lines = headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
            lines.collect::<Vec<_>>().join(",")
        };
        Self { x_forwarded_for: list("x-forwarded-for"), forwarded: list("forwarded") }
    }

    /// The list as it came; empty if no proxy reports addresses.
    pub(super) fn text(&self) -> &str {
        if self.x_forwarded_for.is_empty() { &self.forwarded } else { &self.x_forwarded_for }
    }

    /// Whether the nearest proxy's entry is an address, in each header that is there. Otherwise the proxy itself counts as the
    /// client.
    pub(super) fn is_understood(&self) -> bool {
        let last = |list: &[Option<IpAddr>]| list.last().is_none_or(Option::is_some);
        last(&self.x_forwarded_for()) && last(&self.forwarded())
    }

    fn x_forwarded_for(&self) -> Vec<Option<IpAddr>> {
        if self.x_forwarded_for.is_empty() {
            return Vec::new();
        }
        self.x_forwarded_for.split(',').map(address).collect()
    }

    fn forwarded(&self) -> Vec<Option<IpAddr>> {
        if self.forwarded.is_empty() {
            return Vec::new();
        }
        unquoted_parts(&self.forwarded, ',').map(element_address).collect()
    }

    /// The client of a request from this peer. Usually one of the headers is kept by the proxy, and the other could be sent
    /// by the client; so if both are there, they have to agree, and if not, the peer counts as the client.
    pub(super) fn client(&self, proxies: &TrustedProxies, peer: Option<IpAddr>) -> Option<IpAddr> {
        if !proxies.trusts(peer) {
            // Nothing of the headers counts, so none is parsed.
            return proxies.client(peer, &[]);
        }
        let (x_forwarded_for, forwarded) = (self.x_forwarded_for(), self.forwarded());
        match (self.x_forwarded_for.is_empty(), self.forwarded.is_empty()) {
            (_, true) => proxies.client(peer, &x_forwarded_for),
            (true, false) => proxies.client(peer, &forwarded),
            (false, false) => {
                let client = proxies.client(peer, &x_forwarded_for);
                if client == proxies.client(peer, &forwarded) { client } else { proxies.client(peer, &[]) }
            }
        }
    }
}

/// The address of an element of `Forwarded`, which has to name one.
fn element_address(element: &str) -> Option<IpAddr> {
    let pairs = unquoted_parts(element, ';').filter_map(|pair| pair.split_once('='));
    let mut addresses = pairs.filter(|(name, _)| name.trim().eq_ignore_ascii_case("for"));
    let (_, value) = addresses.next()?;
    addresses.next().is_none().then(|| address(value)).flatten()
}

/// The parts of a list between these separators, except for those in quoted strings: a proxy quotes what a client sent, such as its
/// `Host`.
fn unquoted_parts(list: &str, separator: char) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    list.split(move |letter| {
        let escaped = std::mem::take(&mut is_escaped);
        match letter {
            '"' if !escaped => is_quoted = !is_quoted,
            '\\' if is_quoted && !escaped => is_escaped = true,
            _ => return letter == separator && !is_quoted,
        }
        false
    })
}

/// An entry of `X-Forwarded-For`: an address, which some proxies write with a port, in brackets or in quotes.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim().trim_matches('"');
    let bare = entry.trim_start_matches('[').trim_end_matches(']').parse().ok();
    bare.or_else(|| rfc7239::parse(&format!("for={entry}")).next()?.ok()?.forwarded_for?.ip().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "127.0.0.1";

    fn client(headers: &[(&'static str, &str)]) -> String {
        let proxies = TrustedProxies::parse(&[PROXY.into(), "10.0.0.0/8".into()]).unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), value.parse().unwrap()));
        let client = Forwarded::of(&headers.collect()).client(&proxies, Some(PROXY.parse().unwrap()));
        client.unwrap().to_string()
    }

    #[test]
    fn v24_addresses_are_read_as_the_usual_proxies_write_them() {
        for (value, address) in [
            ("198.51.100.1", "198.51.100.1"),
            ("198.51.100.1:40112", "198.51.100.1"),
            ("\"198.51.100.1:40112\"", "198.51.100.1"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:40112", "2001:db8::7"),
            ("\"[2001:db8::7]:40112\"", "2001:db8::7"),
            ("6.6.6.6, 198.51.100.1:1, 10.2.3.4:80", "198.51.100.1"),
            ("6.6.6.6, nonsense", PROXY),
            ("unknown", PROXY),
            ("198.51.100.1:99999", PROXY),
        ] {
            assert_eq!(client(&[("x-forwarded-for", value)]), address, "{value}");
        }
        for (value, address) in [
            ("for=198.51.100.1;proto=https;by=10.0.0.1", "198.51.100.1"),
            ("For=\"198.51.100.1:40112\"", "198.51.100.1"),
            ("for=\"[2001:db8::7]:40112\";host=chat.example", "2001:db8::7"),
            ("for=6.6.6.6, for=198.51.100.1, for=10.2.3.4", "198.51.100.1"),
            ("for=6.6.6.6, for=_hidden", PROXY),
            ("for=6.6.6.6, proto=https", PROXY),
            ("proto=https; for = 198.51.100.1 ; by=10.0.0.1", "198.51.100.1"),
            (";for=198.51.100.1;", "198.51.100.1"),
            ("for=198.51.100.1;host=\"a,for=6.6.6.6;x=y\"", "198.51.100.1"),
            ("for=198.51.100.1;host=\"a;for=6.6.6.6\"", "198.51.100.1"),
            ("for=198.51.100.1;host=\"a\\\",for=6.6.6.6\"", "198.51.100.1"),
            ("for=6.6.6.6;host=\"\\\\\", for=198.51.100.1", "198.51.100.1"),
            ("host=\"for=6.6.6.6", PROXY),
            ("for=6.6.6.6;for=198.51.100.1", PROXY),
            ("nonsense", PROXY),
        ] {
            assert_eq!(client(&[("forwarded", value)]), address, "{value}");
        }
        assert_eq!(client(&[]), PROXY);
    }

    #[test]
    fn v24_of_two_headers_that_differ_none_is_believed() {
        let agree = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.1:7")];
        assert_eq!(client(&agree), "198.51.100.1");
        let differ = [("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=6.6.6.6")];
        assert_eq!(client(&differ), PROXY);
        let twice = [("x-forwarded-for", "6.6.6.6"), ("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client(&twice), "198.51.100.1");
    }
}
