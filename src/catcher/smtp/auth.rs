//! AUTH PLAIN and AUTH LOGIN (RFC 4954, RFC 4616): asks for what is missing and compares.

use std::io;

use base64ct::{Base64, Encoding};

use super::reply::Reply;
use super::wire::{Line, Wire};
use crate::catcher::Credentials;

const CANCELLED: Reply = Reply::new(501, "5.7.0", "cancelled");
const MALFORMED: Reply = Reply::new(501, "5.5.2", "this is not base64 of the right shape");
const WRONG: Reply = Reply::new(535, "5.7.8", "the user name or the password is wrong");
const GRANTED: Reply = Reply::new(235, "2.7.0", "welcome");

/// Runs the exchange; 235 says that the client may send.
pub(super) async fn exchange(
    wire: &mut Wire,
    credentials: &Credentials,
    mechanism: &str,
    initial: Option<String>,
) -> io::Result<Reply> {
    let given = match mechanism {
        "PLAIN" => plain(wire, initial).await?,
        "LOGIN" => login(wire, initial).await?,
        _ => Err(Reply::new(
            504,
            "5.5.4",
            "the mechanisms are PLAIN and LOGIN",
        )),
    };
    Ok(match given {
        Ok(given) if given == *credentials => GRANTED,
        Ok(_) => WRONG,
        Err(refusal) => refusal,
    })
}

async fn plain(wire: &mut Wire, initial: Option<String>) -> io::Result<Result<Credentials, Reply>> {
    let response = match initial {
        Some(initial) => decode(&initial),
        None => ask(wire, "").await?,
    };
    Ok(response.and_then(|response| {
        let fields: Vec<&str> = response.split('\0').collect();
        match fields[..] {
            [_, username, password] => Ok(Credentials::new(username, password)),
            _ => Err(MALFORMED),
        }
    }))
}

async fn login(wire: &mut Wire, initial: Option<String>) -> io::Result<Result<Credentials, Reply>> {
    let username = match initial {
        Some(initial) => decode(&initial),
        None => ask(wire, "VXNlcm5hbWU6").await?,
    };
    let username = match username {
        Ok(username) => username,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let password = ask(wire, "UGFzc3dvcmQ6").await?;
    Ok(password.map(|password| Credentials::new(username, password)))
}

async fn ask(wire: &mut Wire, challenge: &'static str) -> io::Result<Result<String, Reply>> {
    Reply::plain(334, challenge).write(false, wire.answers());
    Ok(match wire.line().await? {
        Line::Text(line) if line == "*" => Err(CANCELLED),
        Line::Text(line) => decode(&line),
        Line::TooLong => Err(Reply::new(500, "5.5.6", "the line is too long")),
        Line::NotCrlf | Line::NotUtf8 => Err(MALFORMED),
        Line::End => return Err(io::ErrorKind::UnexpectedEof.into()),
    })
}

/// Decodes a response; `=` stands for an empty one.
fn decode(response: &str) -> Result<String, Reply> {
    let response = if response == "=" { "" } else { response };
    let octets = Base64::decode_vec(response).map_err(|_| MALFORMED)?;
    String::from_utf8(octets).map_err(|_| MALFORMED)
}
