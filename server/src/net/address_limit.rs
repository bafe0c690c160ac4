//! Bound of open connections per client address, so that one address cannot take all file descriptors.

use crate::config::TrustedProxies;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The open connections of each address.
pub(crate) struct AddressLimit {
    most: usize,
    /// A proxy connects for all of its clients, and bounds them itself.
    exempt: Arc<TrustedProxies>,
    open: Arc<OpenConnections>,
}

#[derive(Default)]
struct OpenConnections(Mutex<HashMap<IpAddr, usize>>);

/// The place of one open connection. Dropping it frees the place.
pub(crate) struct ConnectionSlot {
    open: Arc<OpenConnections>,
    address: IpAddr,
}

impl AddressLimit {
    pub(crate) fn new(most: usize, exempt: Arc<TrustedProxies>) -> Self {
        Self { most, exempt, open: Arc::default() }
    }

    /// Takes a place for a connection of this peer; `None` in it for a peer that is not counted.
    ///
    /// # Errors
    /// The address has the most connections already.
    pub(crate) fn take(&self, peer: Option<IpAddr>) -> Result<Option<ConnectionSlot>, AtLimit> {
        let Some(peer) = peer.filter(|_| !self.exempt.trusts(peer)) else { return Ok(None) };
        let address = network(peer);
        let mut open = self.open.lock();
        let count = open.entry(address).or_default();
        if *count >= self.most {
            return Err(AtLimit);
        }
        *count += 1;
        Ok(Some(ConnectionSlot { open: Arc::clone(&self.open), address }))
    }
}

/// The address has the most connections already.
#[derive(Debug)]
pub(crate) struct AtLimit;

impl OpenConnections {
    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        // No panic can leave the counts half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        let mut open = self.open.lock();
        if let Some(count) = open.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.address);
            }
        }
    }
}

/// The address that is counted: one IPv6 network of /64 belongs to a single household or machine.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn v4_connections_are_counted_per_address_and_freed() {
        let proxies = TrustedProxies::parse(&["10.0.0.1".into()]).unwrap();
        let limit = AddressLimit::new(2, Arc::new(proxies));
        let ip = |text: &str| Some(text.parse().unwrap());
        let one = limit.take(ip("2001:db8::1")).unwrap();
        let two = limit.take(ip("2001:db8::2")).unwrap();
        assert!(limit.take(ip("2001:db8::3")).is_err(), "of the same network");
        let other = limit.take(ip("2001:db8:1::1")).unwrap();
        drop(two);
        let again = limit.take(ip("2001:db8::3")).unwrap();
        for _ in 0..10 {
            assert!(limit.take(ip("10.0.0.1")).unwrap().is_none(), "a trusted proxy");
            assert!(limit.take(None).unwrap().is_none(), "a Unix socket");
        }
        drop((one, other, again));
        assert!(limit.open.lock().is_empty(), "nothing is kept");
    }
}
