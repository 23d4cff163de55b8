//! Mail, from words to the wire: [`template`] says what each mail says, [`compiled`] keeps a digest ready for its readers,
//! [`message`] makes headers and MIME, [`dkim`] signs, [`transport`] carries, [`smtp`] speaks to a relay. Knows lettre, not the
//! database.

mod clean;
pub mod compiled;
pub mod dkim;
mod error;
pub mod message;
pub mod route;
pub mod smtp;
pub mod template;
pub mod transport;

pub use error::Error;
