//! The time zones that the page offers; any other of the IANA database is taken as well.

/// One for each region where readers live, from west to east.
pub const ZONES: [&str; 56] = [
    "Pacific/Honolulu",
    "America/Los_Angeles",
    "America/Denver",
    "America/Mexico_City",
    "America/Chicago",
    "America/Bogota",
    "America/New_York",
    "America/Toronto",
    "America/Santiago",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "Atlantic/Azores",
    "UTC",
    "Africa/Nouakchott",
    "Africa/Casablanca",
    "Europe/London",
    "Europe/Lisbon",
    "Africa/Algiers",
    "Africa/Tunis",
    "Africa/Lagos",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Berlin",
    "Europe/Rome",
    "Europe/Stockholm",
    "Africa/Tripoli",
    "Africa/Cairo",
    "Africa/Khartoum",
    "Africa/Johannesburg",
    "Asia/Gaza",
    "Asia/Jerusalem",
    "Asia/Beirut",
    "Europe/Athens",
    "Asia/Damascus",
    "Asia/Amman",
    "Europe/Istanbul",
    "Asia/Baghdad",
    "Asia/Kuwait",
    "Asia/Riyadh",
    "Asia/Aden",
    "Asia/Qatar",
    "Asia/Bahrain",
    "Africa/Mogadishu",
    "Africa/Djibouti",
    "Africa/Nairobi",
    "Europe/Moscow",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Muscat",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Jakarta",
    "Asia/Kuala_Lumpur",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
];

#[cfg(test)]
mod tests {
    use super::ZONES;
    use crate::domain::rhythm::find_zone;
    use crate::locale::Locale;

    #[test]
    fn every_zone_exists_and_has_a_name_in_arabic() {
        let arabic = Locale::new("ar", None).expect("a language with texts");
        for name in ZONES {
            assert!(find_zone(name).is_some(), "{name}");
            let city = arabic.zone_city(name);
            assert!(name == "UTC" || !city.is_ascii(), "{name}: {city}");
        }
    }
}
