//! A name server on a free port of 127.0.0.1 that says what a test wants, over UDP, and remembers what it was asked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use tokio::net::UdpSocket;

/// What it says of a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Says {
    /// `10 mail.example.`
    Mx,
    /// `0 .`: no mail at all (RFC 7505).
    NullMx,
    /// No mail exchanger, but an IPv4 address.
    Address,
    /// No mail exchanger, but an IPv6 address.
    Address6,
    /// The domain is there, and nothing else.
    Nothing,
    /// There is no such domain.
    NoDomain,
    /// The server cannot tell.
    Fails,
    /// Nothing at all.
    Silence,
}

/// A running name server. It ends with the runtime of its test.
pub struct NameServer {
    /// Where it listens.
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

const MX: u16 = 15;
const NS: u16 = 2;
const A: u16 = 1;
const AAAA: u16 = 28;
const TXT: u16 = 16;
const PTR: u16 = 12;

impl NameServer {
    /// Starts one that says this of a domain, which is given in lower case; `root` is whether it knows the root's servers.
    pub async fn start(root: bool, says: fn(&str) -> Says) -> Self {
        Self::answer(move |name, kind| {
            let said = match name {
                "" if root => Says::Mx,
                "" => Says::NoDomain,
                name => says(name),
            };
            (said != Says::Silence).then(|| said.reply(kind))
        })
        .await
    }

    /// Starts one that knows these records: name, type (TXT, MX, A, PTR) and value, a mail exchanger without its preference. What
    /// is not among them does not exist; a TXT record `fails` stands for a server that cannot tell.
    pub async fn zone(records: &[(&str, &str, &str)]) -> Self {
        let mut zone: BTreeMap<String, Vec<(u16, Vec<u8>)>> = BTreeMap::new();
        let mut failing = BTreeSet::new();
        for (name, kind, value) in records {
            if *value == "fails" {
                failing.insert((*name).to_owned());
            }
            let record = data(kind, value);
            zone.entry((*name).to_owned()).or_default().push(record);
        }
        Self::answer(move |name, kind| {
            if name.is_empty() {
                return Some(Says::Mx.reply(kind));
            }
            if failing.contains(name) {
                return Some(Says::Fails.reply(kind));
            }
            Some(match zone.get(name) {
                None => Says::NoDomain.reply(kind),
                Some(records) => Reply {
                    code: 0,
                    records: records
                        .iter()
                        .filter(|(own, _)| *own == kind)
                        .cloned()
                        .collect(),
                },
            })
        })
        .await
    }

    async fn answer(says: impl Fn(&str, u16) -> Option<Reply> + Send + 'static) -> Self {
        let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        tokio::spawn(async move {
            let mut question = [0; 1500];
            while let Ok((length, from)) = socket.recv_from(&mut question).await {
                let (name, kind, end) = read(&question[..length]);
                heard.lock().unwrap().push(format!("{name} {kind}"));
                if let Some(reply) = says(&name, kind) {
                    let reply = reply.octets(&question[..end]);
                    socket.send_to(&reply, from).await.unwrap();
                }
            }
        });
        Self { address, asked }
    }

    /// How many questions there were about a domain.
    pub fn questions(&self, domain: &str) -> usize {
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|line| line.split(' ').next() == Some(domain))
            .count()
    }
}

/// The name, the type, and where the question ends (RFC 1035 §4.1.2).
fn read(message: &[u8]) -> (String, u16, usize) {
    let (mut labels, mut at) = (Vec::new(), 12);
    while message[at] != 0 {
        let end = at + 1 + usize::from(message[at]);
        labels.push(String::from_utf8_lossy(&message[at + 1..end]).to_lowercase());
        at = end;
    }
    let kind = u16::from_be_bytes([message[at + 1], message[at + 2]]);
    (labels.join("."), kind, at + 5)
}

/// What is answered.
struct Reply {
    code: u8,
    records: Vec<(u16, Vec<u8>)>,
}

impl Says {
    fn reply(self, kind: u16) -> Reply {
        let record: Option<(u16, &[u8])> = match (kind, self) {
            (MX, Says::Mx) => Some((MX, b"\0\x0a\x04mail\x07example\0")),
            (MX, Says::NullMx) => Some((MX, b"\0\0\0")),
            (NS, Says::Mx) => Some((NS, b"\x02ns\x07example\0")),
            (A, Says::Address) => Some((A, &[192, 0, 2, 1])),
            (AAAA, Says::Address6) => Some((
                AAAA,
                &[0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1],
            )),
            _ => None,
        };
        Reply {
            code: match self {
                Says::NoDomain => 3,
                Says::Fails => 2,
                _ => 0,
            },
            records: record
                .into_iter()
                .map(|(kind, data)| (kind, data.to_vec()))
                .collect(),
        }
    }
}

impl Reply {
    /// The message after this question.
    fn octets(&self, question: &[u8]) -> Vec<u8> {
        let mut reply = question.to_vec();
        // An answer; recursion was wanted and was available. One question, no additional records.
        reply[2..4].copy_from_slice(&[0x81, 0x80 | self.code]);
        reply[6..12].copy_from_slice(&[0, self.records.len() as u8, 0, 0, 0, 0]);
        for (kind, data) in &self.records {
            // The name of the question, class IN, kept for five minutes.
            reply.extend([0xc0, 12]);
            reply.extend(kind.to_be_bytes());
            reply.extend([0, 1, 0, 0, 1, 0x2c]);
            reply.extend((data.len() as u16).to_be_bytes());
            reply.extend(data);
        }
        reply
    }
}

/// Type and data of a record (RFC 1035 §3.3).
fn data(kind: &str, value: &str) -> (u16, Vec<u8>) {
    let name = |name: &str| {
        let labels = name.split('.').filter(|label| !label.is_empty());
        let octets =
            labels.flat_map(|label| std::iter::once(label.len() as u8).chain(label.bytes()));
        octets.chain([0]).collect::<Vec<u8>>()
    };
    match kind {
        "TXT" => {
            let strings = value.as_bytes().chunks(255);
            let octets = strings
                .flat_map(|text| std::iter::once(text.len() as u8).chain(text.iter().copied()));
            (TXT, octets.collect())
        }
        "MX" => (MX, [vec![0, 10], name(value)].concat()),
        "A" => (A, value.parse::<Ipv4Addr>().unwrap().octets().to_vec()),
        "PTR" => (PTR, name(value)),
        other => panic!("{other} is not a type of record that this server has"),
    }
}
