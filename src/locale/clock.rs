//! Hours, weekdays and the cities that time zones are named after, to choose from.

use icu_datetime::{DateTimeFormatter, NoCalendarFormatter, fieldsets, input};

use super::Locale;

impl Locale {
    /// A full hour of the day, 0 to 23.
    pub fn hour(&self, hour: u8) -> String {
        let time = input::Time::try_new(hour, 0, 0, 0);
        let formatter = NoCalendarFormatter::try_new((&self.formats).into(), fieldsets::T::hm());
        match (time, formatter) {
            (Ok(time), Ok(formatter)) => formatter.format(&time).to_string(),
            _ => format!("{hour}:00"),
        }
    }

    /// A day of the week, 1 (Monday) to 7.
    pub fn weekday(&self, day: u8) -> String {
        // The first of January 2024 was a Monday.
        let date = input::Date::try_new_iso(2024, 1, day);
        let formatter = DateTimeFormatter::try_new((&self.formats).into(), fieldsets::E::long());
        match (date, formatter) {
            (Ok(date), Ok(formatter)) => formatter.format(&date).to_string(),
            _ => day.to_string(),
        }
    }

    /// How readers are told a time zone, on pages and in mails: by its city.
    pub fn zone_city_of(&self, zone: &jiff::tz::TimeZone) -> String {
        self.zone_city(zone.iana_name().unwrap_or("UTC"))
    }

    /// The city that a time zone of the IANA database is named after.
    pub fn zone_city(&self, name: &str) -> String {
        if name == "UTC" {
            return name.to_owned();
        }
        let zone = input::TimeZone::from_iana_id(name).without_offset();
        let city = fieldsets::zone::ExemplarCity;
        NoCalendarFormatter::try_new((&self.formats).into(), city).map_or_else(
            |_| name.to_owned(),
            |formatter| formatter.format(&zone).to_string(),
        )
    }
}
