//! Pages of lists: arguments, windows, and cursors that are good for their own list only.

mod keys;

pub(crate) use keys::{AssessmentKey, EntryKey, Key, Named};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use events::UserId;
use uuid::Uuid;

use crate::fault::Fault;

/// Items of a page when nothing is said.
const PAGE_LEN_DEFAULT: i32 = 50;
/// The most items of a page.
const PAGE_LEN_MAX: i32 = 100;

/// Which field a list is of; the number stands in cursors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Field {
    Channels = 1,
    ChannelMembers = 2,
    ChannelMessages = 3,
    Contacts = 4,
    DiscoveredChannels = 5,
    SearchedMessages = 6,
    Wallets = 7,
    ChannelWallets = 8,
    WalletMembers = 9,
    WalletEntries = 10,
    AwaitingApproval = 11,
    ScheduledPayments = 12,
    Occurrences = 13,
    DuesPlans = 14,
    DuesCycles = 15,
    DuesAssessments = 16,
}

/// One list: a field of one object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    pub(crate) field: Field,
    /// Id of the object; of the viewer for a list at the root.
    pub(crate) of: Uuid,
}

impl List {
    /// A list at the root that is another for every text that is looked for.
    pub(crate) fn of_text(field: Field, viewer: UserId, text: &str) -> Self {
        Self { field, of: events::id::derive(viewer.0, &[text.as_bytes()]) }
    }

    /// The cursor of the item that sorts by `key`.
    pub(crate) fn cursor<K: Key>(self, key: &K) -> String {
        let mut bytes = vec![self.field as u8];
        bytes.extend(self.of.as_bytes());
        key.write(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The key in a cursor of this list.
    fn key<K: Key>(self, cursor: &str) -> Option<K> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (field, rest) = bytes.split_first()?;
        let (of, key) = rest.split_first_chunk::<16>()?;
        let mine = *field == self.field as u8 && of == self.of.as_bytes();
        mine.then(|| K::read(key)).flatten()
    }
}

/// A page as asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct PageArgs {
    pub(crate) first: Option<i32>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<i32>,
    pub(crate) before: Option<String>,
}

/// Which end of the window a page is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum End {
    First,
    Last,
}

/// A page, checked: up to `len` items from one end of what lies between the bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Window<K = i64> {
    pub(crate) end: End,
    pub(crate) len: i32,
    pub(crate) after: Option<K>,
    pub(crate) before: Option<K>,
}

impl PageArgs {
    /// Checks the arguments; a page without `first` and `last` is taken from `default`.
    pub(crate) fn window<K: Key>(&self, list: List, default: End) -> Result<Window<K>, Fault> {
        let (end, len) = match (self.first, self.last) {
            (Some(_), Some(_)) => {
                let message = "Ask for `first` or for `last`, not for both.";
                return Err(Fault::InvalidInput { field: "last", message });
            }
            (Some(len), None) => (End::First, checked(len, "first")?),
            (None, Some(len)) => (End::Last, checked(len, "last")?),
            (None, None) => (default, PAGE_LEN_DEFAULT),
        };
        let key = |cursor: Option<&str>, field| {
            let key = cursor.map(|cursor| list.key(cursor).ok_or(Fault::InvalidCursor(field)));
            key.transpose()
        };
        let after = key(self.after.as_deref(), "after")?;
        let before = key(self.before.as_deref(), "before")?;
        Ok(Window { end, len, after, before })
    }
}

fn checked(len: i32, field: &'static str) -> Result<i32, Fault> {
    if (1..=PAGE_LEN_MAX).contains(&len) {
        return Ok(len);
    }
    Err(Fault::InvalidInput { field, message: "A page has 1 to 100 items." })
}

/// What was found in a window: its items in the list's order, and whether there are more beyond
/// the page's far end.
#[derive(Debug, Clone)]
pub(crate) struct Found<T> {
    pub(crate) items: Vec<T>,
    pub(crate) more: bool,
}

impl<T> Default for Found<T> {
    fn default() -> Self {
        Self { items: Vec::new(), more: false }
    }
}

impl<T> Found<T> {
    /// From up to `window.len` + 1 items, counted from the end that the page is taken from.
    pub(crate) fn of<K>(window: &Window<K>, mut items: Vec<T>) -> Self {
        let len = usize::try_from(window.len).unwrap_or_default();
        let more = items.len() > len;
        items.truncate(len);
        if window.end == End::Last {
            items.reverse();
        }
        Self { items, more }
    }

    /// Whether items precede and follow the page. Beyond the near end lies at least the item that
    /// the bound there names: lists whose items vanish may overstate it, as Relay allows.
    pub(crate) fn neighbours<K>(&self, window: &Window<K>) -> (bool, bool) {
        match window.end {
            End::First => (window.after.is_some(), self.more),
            End::Last => (self.more, window.before.is_some()),
        }
    }

    /// The same page of other items.
    pub(crate) fn map<U>(self, f: impl FnMut(T) -> U) -> Found<U> {
        Found { items: self.items.into_iter().map(f).collect(), more: self.more }
    }

    /// The same, unless one item fails.
    pub(crate) fn try_map<U>(
        self,
        f: impl FnMut(T) -> Result<U, Fault>,
    ) -> Result<Found<U>, Fault> {
        let items = self.items.into_iter().map(f).collect::<Result<_, _>>()?;
        Ok(Found { items, more: self.more })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> List {
        List { field: Field::ChannelMessages, of: Uuid::from_u128(7) }
    }

    #[test]
    fn a_cursor_is_good_for_its_own_list_only() {
        let cursor = list().cursor(&42);
        assert_eq!(list().key(&cursor), Some(42));
        let other_field = List { field: Field::ChannelMembers, ..list() };
        let other_object = List { of: Uuid::from_u128(8), ..list() };
        for other in [other_field, other_object] {
            assert_eq!(other.key::<i64>(&cursor), None);
        }
        for text in ["", "nonsense", "AAAA", &cursor[1..]] {
            assert_eq!(list().key::<i64>(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_list_of_found_names_is_another_for_another_text() {
        let list = |text| List::of_text(Field::DiscoveredChannels, UserId(Uuid::nil()), text);
        let key = Named { name: "등산회".into(), id: Uuid::from_u128(7) };
        let cursor = list("산").cursor(&key);
        assert_eq!(list("산").key(&cursor), Some(key));
        assert_eq!(list("등").key::<Named>(&cursor), None);
    }

    #[test]
    fn page_sizes_are_1_to_100_and_50_when_nothing_is_said() {
        let window = |first, last| {
            PageArgs { first, last, ..PageArgs::default() }.window::<i64>(list(), End::Last)
        };
        assert_eq!(window(None, None).unwrap().len, 50);
        assert_eq!(window(Some(100), None).unwrap().end, End::First);
        for (first, last) in
            [(Some(0), None), (None, Some(101)), (Some(-1), None), (Some(1), Some(1))]
        {
            assert!(matches!(window(first, last), Err(Fault::InvalidInput { .. })));
        }
    }

    #[test]
    fn a_page_from_the_end_keeps_the_lists_order() {
        let args = PageArgs { last: Some(2), ..PageArgs::default() };
        let window: Window = args.window(list(), End::Last).unwrap();
        let found = Found::of(&window, vec![9, 8, 7]);
        assert_eq!((found.items.as_slice(), found.more), ([8, 9].as_slice(), true));
        assert_eq!(found.neighbours(&window), (true, false));
    }
}
