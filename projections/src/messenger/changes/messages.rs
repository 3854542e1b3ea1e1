//! Messages that are new, and what becomes of older ones.

use std::collections::HashMap;

use uuid::Uuid;

/// A new message.
#[derive(Debug)]
pub(crate) struct NewMessage<'a> {
    pub(crate) channel: Uuid,
    pub(crate) seq: i32,
    pub(crate) id: Uuid,
    pub(crate) kind: i16,
    /// Nobody has written a notice.
    pub(crate) author: Option<Uuid>,
    pub(crate) text: Option<&'a str>,
    pub(crate) reply_to: Option<Uuid>,
    pub(crate) number: i32,
    pub(crate) sent_us: i64,
    pub(crate) edited_us: Option<i64>,
    pub(crate) deleted_us: Option<i64>,
}

/// What becomes of a message from before this batch; what is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct MessageChange<'a> {
    pub(crate) text: Option<&'a str>,
    pub(crate) edited_us: Option<i64>,
    pub(crate) deleted_us: Option<i64>,
}

/// Messages of a batch.
#[derive(Debug, Default)]
pub(crate) struct Messages<'a> {
    pub(crate) new: Vec<NewMessage<'a>>,
    /// By channel and seq.
    pub(crate) changed: HashMap<(Uuid, i32), MessageChange<'a>>,
    index: HashMap<(Uuid, i32), usize>,
}

impl<'a> Messages<'a> {
    pub(crate) fn add(&mut self, message: NewMessage<'a>) {
        self.index.insert((message.channel, message.seq), self.new.len());
        self.new.push(message);
    }

    /// The message has another text, unless it was deleted.
    pub(crate) fn edit(&mut self, channel: Uuid, seq: i32, text: &'a str, us: i64) {
        self.change(channel, seq, |change| {
            if change.deleted_us.is_none() {
                (*change.text, *change.edited_us) = (Some(text), Some(us));
            }
        });
    }

    pub(crate) fn delete(&mut self, channel: Uuid, seq: i32, us: i64) {
        self.change(channel, seq, |change| {
            (*change.text, *change.deleted_us) = (None, Some(us));
        });
    }

    fn change(&mut self, channel: Uuid, seq: i32, change: impl FnOnce(Columns<'_, 'a>)) {
        if let Some(&index) = self.index.get(&(channel, seq)) {
            let NewMessage { text, edited_us, deleted_us, .. } = &mut self.new[index];
            change(Columns { text, edited_us, deleted_us });
        } else {
            let message = self.changed.entry((channel, seq)).or_default();
            let MessageChange { text, edited_us, deleted_us } = message;
            change(Columns { text, edited_us, deleted_us });
        }
    }
}

/// The columns that change, of a new message or an older one.
struct Columns<'c, 'a> {
    text: &'c mut Option<&'a str>,
    edited_us: &'c mut Option<i64>,
    deleted_us: &'c mut Option<i64>,
}
