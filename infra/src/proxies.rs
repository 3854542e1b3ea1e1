//! Proxies in front of a node: who asks is whom the nearest of them that is trusted has named.

use std::net::IpAddr;
use std::str::FromStr;

use hyper::HeaderMap;
use ipnet::IpNet;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// Networks whose `X-Forwarded-For` is believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

/// A text that names no networks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no address or network, such as 10.0.0.0/8")]
pub struct BadNetwork(String);

impl FromStr for TrustedProxies {
    type Err = BadNetwork;

    fn from_str(text: &str) -> Result<Self, BadNetwork> {
        let named = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        named.map(network).collect::<Result<_, _>>().map(Self)
    }
}

fn network(text: &str) -> Result<IpNet, BadNetwork> {
    let alone = || text.parse::<IpAddr>().map(IpNet::from);
    text.parse().or_else(|_| alone()).map_err(|_| BadNetwork(text.to_owned()))
}

impl TrustedProxies {
    /// Who asks. Each proxy adds its peer's address behind those that it was told, so they are
    /// read from behind: the first that is no trusted proxy is the client. What stands before
    /// that the client may have made up.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        let lines = headers.get_all(FORWARDED_FOR).iter().rev();
        let told = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
        for address in told.map(|address| address.trim().parse::<IpAddr>()) {
            let (true, Ok(address)) = (self.trusts(client), address) else { break };
            client = address.to_canonical();
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &str, peer: &str, lines: &[&'static str]) -> String {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, hyper::header::HeaderValue::from_static(line));
        }
        let trusted: TrustedProxies = trusted.parse().unwrap();
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_trusted() {
        assert_eq!(client("", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
        assert_eq!(client("10.0.0.0/8", "192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    }

    #[test]
    fn the_last_address_that_is_no_proxys_is_the_client() {
        let trusted = "10.0.0.0/8, 127.0.0.1,::1";
        assert_eq!(client(trusted, "127.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(trusted, "::ffff:10.1.1.1", &["198.51.100.7"]), "198.51.100.7");
        let made_up = "1.1.1.1, 198.51.100.7, 10.0.0.2";
        assert_eq!(client(trusted, "10.0.0.1", &[made_up]), "198.51.100.7");
        assert_eq!(client(trusted, "10.0.0.1", &["1.1.1.1", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(client(trusted, "::1", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn what_cant_be_read_ends_the_chain() {
        let trusted = "10.0.0.0/8";
        assert_eq!(client(trusted, "10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(client(trusted, "10.0.0.1", &["198.51.100.7, unknown"]), "10.0.0.1");
    }

    #[test]
    fn a_network_is_an_address_with_or_without_a_length() {
        assert!("10.0.0.0/8,::1/128".parse::<TrustedProxies>().is_ok());
        for bad in ["10.0.0.0/33", "localhost", "10.0.0"] {
            assert!(bad.parse::<TrustedProxies>().is_err(), "{bad}");
        }
    }
}
