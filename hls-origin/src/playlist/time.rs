//! Dates as EXT-X-PROGRAM-DATE-TIME wants them: ISO 8601 with milliseconds, in UTC.

use protocol::time::StreamTime;

/// `2026-11-21T15:04:05.678Z`.
#[must_use]
pub fn date_time(moment: StreamTime) -> String {
    let (seconds, ms) = (moment.0 / 1_000, moment.0 % 1_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}

/// Year, month and day of a day since 1970-01-01 in the proleptic Gregorian calendar.
///
/// Years are counted from March, so that the leap day is a year's last, and in eras of 400 years, which are all alike.
const fn civil(days: u64) -> (u64, u64, u64) {
    const ERA: u64 = 146_097;
    let days = days + 719_468;
    let (era, day) = (days / ERA, days % ERA);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + carry, month, day)
}
