//! The use cases, one transaction story each. A service takes the [`Context`] and says what happened in its own words; it knows
//! no HTTP, no terminal and no configuration file.
//!
//! A sign-up is [`sign_up`] → (mail) → [`confirm`]; it ends with [`unsubscribe`]; between,
//! its reader decides what comes and when by [`preferences`], and where to by [`change_address`]. Articles come in by [`gather`],
//! [`load`] and [`push`]. A period
//! becomes a digest by [`compose`], its recipients are frozen by [`publish`], and every mail of any kind leaves by [`deliver`],
//! as fast as [`pace`] allows and until somebody holds it by [`control`]. [`clicks`] counts which articles are read.

pub mod address;
pub mod change_address;
mod chunks;
pub mod clicks;
pub mod compose;
pub mod confirm;
mod conflict;
mod context;
pub mod control;
pub mod correct;
pub mod deliver;
pub mod editing;
pub mod erase;
mod error;
pub mod export;
pub mod gather;
pub mod import;
pub mod lease;
pub mod letter;
pub mod load;
pub mod never;
pub mod next;
pub mod own_hours;
pub mod pace;
pub mod preferences;
pub mod prune;
pub mod publish;
pub mod purge;
pub mod push;
pub mod remind;
mod shelf;
pub mod sign_up;
pub mod suppress;
pub mod sync;
pub mod unsubscribe;
mod variants;

pub use context::{
    ConfirmationRules, Context, DeliveryRules, FeedRules, MailRules, Pacing, PrivacyRules,
    SignUpRules, Site,
};
pub use error::Error;
