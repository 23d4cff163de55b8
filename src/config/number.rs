//! The numbers of a [`Reader`]: one with a default, one that may be missing, an array of them.
//!
//! All are whole and within limits; a variable of the environment gives them as text.

use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::de::DeValue;

use super::reader::{Reader, kind};

/// The types that a whole number is read into.
pub(super) trait Whole: TryFrom<i64> + PartialOrd + Copy + Display {}

impl<T: TryFrom<i64> + PartialOrd + Copy + Display> Whole for T {}

impl Reader<'_, '_> {
    /// A number with a default.
    pub(super) fn number<T: Whole>(
        &mut self,
        key: &'static str,
        default: T,
        limits: RangeInclusive<T>,
    ) -> T {
        let value = self.given_number(key, &limits).unwrap_or(default);
        self.report.show(key, Some(&value.to_string()));
        value
    }

    /// A number that may be missing.
    pub(super) fn optional_number<T: Whole>(
        &mut self,
        key: &'static str,
        limits: RangeInclusive<T>,
    ) -> Option<T> {
        let value = self.given_number(key, &limits);
        let shown = value.map(|value| value.to_string());
        self.report.show(key, shown.as_deref());
        value
    }

    /// An array of numbers that may be missing, but not empty.
    pub(super) fn numbers<T: Whole>(
        &mut self,
        key: &'static str,
        limits: RangeInclusive<T>,
    ) -> Option<Vec<T>> {
        let items = self.array(key, "numbers");
        let given = items.is_some();
        let values: Option<Vec<T>> = items
            .into_iter()
            .flatten()
            .map(|item| whole(item.get_ref()).filter(|number| limits.contains(number)))
            .collect();
        let values = values.filter(|values| !values.is_empty());
        if given && values.is_none() {
            let reason = format!("must hold whole numbers {}, at least one", range(&limits));
            self.problem(key, reason);
        }
        let shown = values.as_ref().map(|values| {
            let numbers: Vec<String> = values.iter().map(T::to_string).collect();
            format!("[{}]", numbers.join(", "))
        });
        self.report.show(key, shown.as_deref());
        values
    }

    fn given_number<T: Whole>(
        &mut self,
        key: &'static str,
        limits: &RangeInclusive<T>,
    ) -> Option<T> {
        let number = match self.take(key)? {
            number @ DeValue::Integer(_) => whole(&number),
            DeValue::String(text) if self.is_from_environment(key) => narrowed(text.parse().ok()),
            other => {
                self.problem(key, format!("must be a whole number, not {}", kind(&other)));
                return None;
            }
        };
        let number = number.filter(|number| limits.contains(number));
        if number.is_none() {
            self.problem(key, format!("must be a whole number {}", range(limits)));
        }
        number
    }
}

fn whole<T: Whole>(value: &DeValue) -> Option<T> {
    match value {
        DeValue::Integer(number) => {
            narrowed(i64::from_str_radix(number.as_str(), number.radix()).ok())
        }
        _ => None,
    }
}

fn narrowed<T: Whole>(number: Option<i64>) -> Option<T> {
    number.and_then(|number| T::try_from(number).ok())
}

fn range<T: Whole>(limits: &RangeInclusive<T>) -> String {
    format!("from {} to {}", limits.start(), limits.end())
}
