//! The only SQL. Two databases, one text: every statement runs on SQLite and on PostgreSQL through `engine::on!`,
//! and the rare one that must differ is an `engine::Dialect` pair with the reason beside it.
//!
//! A function here takes a [`Tx`], does one thing to one table (or reads), and returns plain data; which statements belong
//! together is the business of `service`. "Not found" is `Ok(None)`.

pub mod api_answer;
pub mod article;
pub mod article_pool;
pub mod audience;
pub mod choices;
pub mod clicks;
pub mod confirmation;
pub mod consent;
pub mod correction;
pub mod delivery;
pub mod digest;
pub mod digest_article;
pub mod digest_attempt;
pub mod digest_control;
pub mod digest_delivery;
pub mod digest_handover;
pub mod digest_look;
pub mod digest_range;
pub mod digest_variant;
pub mod dossier;
pub mod draft;
pub mod editor_mail;
pub mod engine;
pub mod erasure;
mod error;
pub mod feed;
pub mod import;
pub mod list;
mod many;
pub mod migrate;
pub mod moves;
pub mod owed;
pub mod pace;
pub mod pending;
pub mod provider;
pub mod quarantine;
pub mod retention;
pub mod roster;
pub mod score;
pub mod sign_up;
pub mod subscriber;
pub mod subscription;
pub mod suppression;
pub mod throttle;
pub mod worker;

pub use engine::{Database, Settings, Tx};
pub use error::Error;
