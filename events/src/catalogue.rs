//! All that can stand in the log, with JSON Schemas: what `moim events` prints.

use serde::Serialize;

use crate::stream::Category;
use crate::{channel, dues, email, payment, readers, user, wallet};

/// One kind of event in its newest version.
#[derive(Debug, Serialize)]
pub struct Entry {
    /// The category whose streams it stands in.
    pub category: &'static str,
    /// Its name.
    pub kind: &'static str,
    /// Version of its payload.
    pub version: u16,
    /// JSON Schema of its payload.
    pub schema: schemars::Schema,
}

/// Every kind of every category.
pub fn entries() -> Vec<Entry> {
    let of = |category: Category| match category {
        Category::User => user::schemas(),
        Category::Email => email::schemas(),
        Category::Channel => channel::schemas(),
        Category::Readers => readers::schemas(),
        Category::Wallet => wallet::schemas(),
        Category::Payment => payment::schemas(),
        Category::Dues => dues::schemas(),
    };
    let mut entries = Vec::new();
    for category in Category::ALL {
        for (kind, version, schema) in of(category) {
            entries.push(Entry { category: category.as_str(), kind, version, schema });
        }
    }
    entries
}
