//! The pure core: no I/O, no async, no clock. Everything else may use it; it uses nothing of ours.

pub mod address;
pub mod alignment;
pub mod article;
pub mod choices;
pub mod clicks;
pub mod delivery;
pub mod digest;
pub mod feed;
pub mod less_often;
pub mod list;
pub mod network;
pub mod pace;
pub mod range;
pub mod rate;
pub mod reply;
pub mod rhythm;
pub mod schedule;
pub mod selection;
pub mod sender_records;
pub mod sign_up;
pub mod spreadsheet;
pub mod subscription;
pub mod theme;
pub mod token;
