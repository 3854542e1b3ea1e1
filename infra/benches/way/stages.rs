//! Where the time went, by the node's own histograms: what was added between two readings.

use std::collections::BTreeMap;

use anyhow::Result;

/// Sum in seconds and count of each series whose name ends in `_seconds`.
pub(crate) type Reading = BTreeMap<String, (f64, f64)>;

/// Reads `/metrics`.
pub(crate) async fn read(ops_url: &str) -> Result<Reading> {
    let text = reqwest::get(format!("{ops_url}/metrics")).await?.text().await?;
    let mut reading = Reading::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let Some((series, value)) = line.rsplit_once(' ') else { continue };
        let value: f64 = value.parse()?;
        if let Some((name, labels)) = series.split_once("_seconds_sum") {
            reading.entry(format!("{name}{labels}")).or_default().0 = value;
        } else if let Some((name, labels)) = series.split_once("_seconds_count") {
            reading.entry(format!("{name}{labels}")).or_default().1 = value;
        }
    }
    Ok(reading)
}

/// Prints the mean of every stage that ran in between.
pub(crate) fn print(before: &Reading, after: &Reading) {
    println!("where it goes, by the node's histograms:");
    for (series, (sum, count)) in after {
        let (sum_before, count_before) = before.get(series).copied().unwrap_or_default();
        let count = count - count_before;
        if count > 0.0 {
            println!(
                "  {series:<72} mean {:>7.3} ms × {count}",
                (sum - sum_before) / count * 1000.0
            );
        }
    }
}
