//! Reads command lines (RFC 5321 §4.1) with the parameters of SIZE, 8BITMIME, SMTPUTF8 and AUTH.

use super::Extensions;
use super::reply::Reply;
use crate::catcher::script::Event;

/// What a client asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    Helo,
    Ehlo,
    StartTls,
    Auth {
        mechanism: String,
        initial: Option<String>,
    },
    Mail {
        from: String,
        size: usize,
        smtputf8: bool,
    },
    Rcpt {
        to: String,
    },
    Data,
    Rset,
    Noop,
    Vrfy,
    Quit,
}

const NOT_EMPTY: Reply = Reply::new(501, "5.5.4", "nothing may follow this command");

/// Reads a line: which event it is to a script, and the command or the refusal of a malformed one.
pub(super) fn parse(line: &str, extensions: Extensions) -> (Event, Result<Command, Reply>) {
    let (word, argument) = line.split_once(' ').unwrap_or((line, ""));
    let argument = argument.trim_matches(' ');
    let alone = |command| {
        if argument.is_empty() {
            Ok(command)
        } else {
            Err(NOT_EMPTY)
        }
    };
    match word.to_ascii_uppercase().as_str() {
        "EHLO" => (Event::Ehlo, named(argument, Command::Ehlo)),
        "HELO" => (Event::Ehlo, named(argument, Command::Helo)),
        "STARTTLS" => (Event::StartTls, alone(Command::StartTls)),
        "AUTH" => (Event::Auth, auth(argument)),
        "MAIL" => (Event::Mail, mail(argument, extensions)),
        "RCPT" => (Event::Rcpt, rcpt(argument)),
        "DATA" => (Event::Data, alone(Command::Data)),
        "RSET" => (Event::Rset, alone(Command::Rset)),
        "QUIT" => (Event::Quit, alone(Command::Quit)),
        "NOOP" => (Event::Any, Ok(Command::Noop)),
        "VRFY" => (Event::Any, Ok(Command::Vrfy)),
        _ => (
            Event::Any,
            Err(Reply::new(500, "5.5.1", "this command is unknown")),
        ),
    }
}

fn named(argument: &str, command: Command) -> Result<Command, Reply> {
    if argument.is_empty() {
        return Err(Reply::new(501, "5.5.4", "say who you are"));
    }
    Ok(command)
}

fn auth(argument: &str) -> Result<Command, Reply> {
    let (mechanism, initial) = match argument.split_once(' ') {
        Some((mechanism, initial)) => (mechanism, Some(initial.to_owned())),
        None => (argument, None),
    };
    if mechanism.is_empty() {
        return Err(Reply::new(501, "5.5.4", "name a mechanism"));
    }
    Ok(Command::Auth {
        mechanism: mechanism.to_ascii_uppercase(),
        initial,
    })
}

fn mail(argument: &str, extensions: Extensions) -> Result<Command, Reply> {
    const MALFORMED: Reply = Reply::new(501, "5.1.7", "the sender is not an address in <>");
    const UNKNOWN: Reply = Reply::new(555, "5.5.4", "this parameter of MAIL is not offered");
    let (from, parameters) = path(argument, "FROM:").ok_or(MALFORMED)?;
    if !from.is_empty() && !is_address(from) {
        return Err(MALFORMED);
    }
    let (mut size, mut smtputf8) = (0, false);
    for parameter in parameters.split_ascii_whitespace() {
        let (name, value) = match parameter.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (parameter, None),
        };
        match (name.to_ascii_uppercase().as_str(), value) {
            ("SIZE", Some(value)) if extensions.size => {
                // A size too large for a number is too large for us: say that, not that it is malformed.
                let digits = !value.is_empty() && value.bytes().all(|it| it.is_ascii_digit());
                size = digits
                    .then(|| value.parse().unwrap_or(usize::MAX))
                    .ok_or(Reply::new(501, "5.5.4", "SIZE needs a number"))?;
            }
            ("BODY", Some(value)) if extensions.eight_bit_mime => {
                let known = ["7BIT", "8BITMIME"]
                    .iter()
                    .any(|it| it.eq_ignore_ascii_case(value));
                if !known {
                    return Err(Reply::new(501, "5.5.4", "BODY is 7BIT or 8BITMIME"));
                }
            }
            ("SMTPUTF8", None) if extensions.smtputf8 => smtputf8 = true,
            ("AUTH", Some(_)) => {}
            _ => return Err(UNKNOWN),
        }
    }
    if !smtputf8 && !from.is_ascii() {
        return Err(Reply::new(553, "5.6.7", "this sender needs SMTPUTF8"));
    }
    Ok(Command::Mail {
        from: from.to_owned(),
        size,
        smtputf8,
    })
}

fn rcpt(argument: &str) -> Result<Command, Reply> {
    const MALFORMED: Reply = Reply::new(501, "5.1.3", "the recipient is not an address in <>");
    let (to, parameters) = path(argument, "TO:").ok_or(MALFORMED)?;
    if !parameters.is_empty() {
        return Err(Reply::new(555, "5.5.4", "no parameter of RCPT is offered"));
    }
    if !is_address(to) && !to.eq_ignore_ascii_case("postmaster") {
        return Err(MALFORMED);
    }
    Ok(Command::Rcpt { to: to.to_owned() })
}

/// The address between `<` and `>`, without a source route, and the parameters after it.
fn path<'a>(argument: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let (found, rest) = argument.split_at_checked(keyword.len())?;
    if !found.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let inside = rest.trim_start_matches(' ').strip_prefix('<')?;
    let (path, parameters) = inside.split_at(closing(inside)?);
    let parameters = &parameters[1..];
    if !parameters.is_empty() && !parameters.starts_with(' ') {
        return None;
    }
    let address = match path.strip_prefix('@') {
        Some(route) => route.split_once(':')?.1,
        None => path,
    };
    Some((address, parameters.trim_matches(' ')))
}

/// Where the `>` is that is not inside a quoted local part.
fn closing(text: &str) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().position(|octet| {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'>' => return !quoted,
            _ => {}
        }
        false
    })
}

/// A local part and a domain: a catcher judges no more of an address than that (and RFC 5321 §4.5.3.1.3, its length).
fn is_address(text: &str) -> bool {
    text.len() <= 254
        && !text.contains(char::is_control)
        && text.rsplit_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains([' ', '<', '"'])
        })
}
