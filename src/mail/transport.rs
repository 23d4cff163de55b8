//! Where mail goes: an SMTP relay, or a directory that gets one `.eml` file for each mail.

use std::path::{Path, PathBuf};

use super::smtp::{Announced, ConnectError, Connection, Connector, Delivered, Envelope, body};
use crate::domain::delivery::Outcome;

/// A way out for mail.
pub enum Transport {
    /// A relay.
    Smtp(Box<Connector>),
    /// A directory (`--sink`).
    File(PathBuf),
}

/// An open way: one connection, used by one task.
pub enum Session {
    /// A connection to the relay.
    Smtp(Box<Connection>),
    /// The directory.
    File(Directory),
}

/// A directory that gets mails.
pub struct Directory {
    path: PathBuf,
    /// Whose mail is announced.
    to: Option<String>,
}

impl Transport {
    /// Opens a session; the only step that can say that the relay is away or does not want us.
    pub async fn open(&self) -> Result<Session, ConnectError> {
        Ok(match self {
            Self::Smtp(connector) => Session::Smtp(Box::new(connector.connect().await?)),
            Self::File(path) => Session::File(Directory {
                path: path.clone(),
                to: None,
            }),
        })
    }
}

impl Session {
    /// Asks for a mail to be taken; after [`Announced::Ready`] its message must follow.
    pub async fn announce(&mut self, envelope: &Envelope<'_>) -> Announced {
        match self {
            Self::Smtp(connection) => connection.announce(envelope).await,
            Self::File(directory) => directory.announce(envelope),
        }
    }

    /// Hands over the message of the mail that was announced last, as it goes over the wire, and announces the `next` one.
    pub async fn deliver(&mut self, message: &[u8], next: Option<&Envelope<'_>>) -> Delivered {
        match self {
            Self::Smtp(connection) => connection.deliver(message, next).await,
            Self::File(directory) => {
                let outcome = directory.deliver(message).await;
                let next = next.map(|next| directory.announce(next));
                Delivered { outcome, next }
            }
        }
    }

    /// Whether a mail that is announced with the message before it costs no round trip of its own.
    pub fn pipelines(&self) -> bool {
        match self {
            Self::Smtp(connection) => connection.pipelines(),
            Self::File(_) => false,
        }
    }

    /// What became of the mail whose `send` or `deliver` was dropped before it was done.
    pub fn cut_off(&self) -> Outcome {
        match self {
            Self::Smtp(connection) => connection.cut_off(),
            Self::File(directory) => Outcome::Retry {
                code: None,
                reply: format!("stopped while writing to {}", directory.path.display()),
            },
        }
    }

    /// Whether it can take another mail.
    pub fn usable(&self) -> bool {
        match self {
            Self::Smtp(connection) => connection.usable(),
            Self::File(_) => true,
        }
    }

    /// Whether addresses with a UTF-8 local part can go this way (A7).
    pub fn takes_utf8(&self) -> bool {
        match self {
            Self::Smtp(connection) => connection.offers_smtputf8(),
            Self::File(_) => true,
        }
    }

    /// Ends it politely.
    pub async fn close(self) {
        if let Self::Smtp(connection) = self {
            connection.quit().await;
        }
    }
}

impl Directory {
    fn announce(&mut self, envelope: &Envelope<'_>) -> Announced {
        self.to = Some(envelope.to.to_owned());
        Announced::Ready
    }

    async fn deliver(&mut self, message: &[u8]) -> Outcome {
        let Some(to) = self.to.take() else {
            return Outcome::Retry {
                code: None,
                reply: "no mail was announced".to_owned(),
            };
        };
        write_file(&self.path, &to, &body::decode(message)).await
    }
}

/// Writes `ADDRESS.eml` (the address made safe for a file name), or `ADDRESS.N.eml` when it is there already.
async fn write_file(directory: &Path, to: &str, message: &[u8]) -> Outcome {
    let name: String = to
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() || "@.-+_".contains(letter) {
                letter
            } else {
                '_'
            }
        })
        .collect();
    let mut file = directory.join(format!("{name}.eml"));
    for number in 2.. {
        match tokio::fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&file)
            .await
        {
            Ok(mut open) => {
                use tokio::io::AsyncWriteExt;
                let written = async {
                    open.write_all(message).await?;
                    open.sync_all().await
                };
                return match written.await {
                    Ok(()) => Outcome::Sent {
                        reply: format!("written to {}", file.display()),
                    },
                    Err(error) => Outcome::Retry {
                        code: None,
                        reply: format!("{}: {error}", file.display()),
                    },
                };
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                file = directory.join(format!("{name}.{number}.eml"));
            }
            Err(error) => {
                return Outcome::Retry {
                    code: None,
                    reply: format!("{}: {error}", file.display()),
                };
            }
        }
    }
    Outcome::Retry {
        code: None,
        reply: "no free file name".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_holds_the_message_as_it_was_before_the_wire() {
        let directory = tempfile::tempdir().unwrap();
        let transport = Transport::File(directory.path().to_owned());
        let mut session = transport.open().await.unwrap();
        let envelope = |to| Envelope {
            from: "bounces@example.org",
            to,
            octets: 12,
            utf8: false,
        };
        let announced = session.announce(&envelope("a@example.net")).await;
        assert_eq!(announced, Announced::Ready);
        let next = envelope("b@example.net");
        let delivered = session.deliver(b"..\r\n..a\r\nb\r\n", Some(&next)).await;
        assert!(matches!(delivered.outcome, Outcome::Sent { .. }));
        assert_eq!(delivered.next, Some(Announced::Ready));
        session.deliver(b"c\r\n", None).await;
        let read = |name| std::fs::read(directory.path().join(name)).unwrap();
        assert_eq!(read("a@example.net.eml"), b".\r\n.a\r\nb\r\n");
        assert_eq!(read("b@example.net.eml"), b"c\r\n");
    }
}
