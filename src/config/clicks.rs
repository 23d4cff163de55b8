//! `[clicks]`: whether it is counted which articles are read.

use super::reader::Reader;

/// Whether it is counted which articles are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClicksConfig {
    /// Whether links of digests are counted, by article and day.
    pub count: bool,
}

impl ClicksConfig {
    pub(super) fn read(reader: &mut Reader) -> Self {
        Self {
            count: reader.flag("count", false),
        }
    }
}
