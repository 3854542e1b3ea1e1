//! From the numbered rows of many pages to the pages.

use std::collections::HashMap;
use std::hash::Hash;

use crate::cursor::{Found, Window};

/// Pages by what was asked for. Rows say which page they are of, counted from 1, and come in the
/// list's order.
pub(super) fn paged<P, K, T>(
    pages: &[P],
    window: impl Fn(&P) -> Window<K>,
    rows: impl IntoIterator<Item = (i64, T)>,
) -> HashMap<P, Found<T>>
where
    P: Copy + Eq + Hash,
{
    let mut found: Vec<Vec<T>> = pages.iter().map(|_| Vec::new()).collect();
    for (number, item) in rows {
        let page = usize::try_from(number - 1).ok().and_then(|index| found.get_mut(index));
        if let Some(page) = page {
            page.push(item);
        }
    }
    let pages = pages.iter().copied().zip(found);
    pages.map(|(page, items)| (page, Found::of(&window(&page), items))).collect()
}
