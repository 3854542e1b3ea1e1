//! The feed's vocabulary, shared by who writes it (`projections`) and who pushes it (`query`).
//!
//! A feed row is one event as an entity's followers see it; those of wallets are a feed of their
//! own. It expands to pushes by ordinals that are fixed per kind, so that a position means the
//! same on every node for good.

/// What a feed row tells; the number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum FeedKind {
    /// Channel: `ref` is the message. One push, `MessageSent`.
    MessageSent = 1,
    /// Channel: `ref` is the message. One push, `MessageDeleted`.
    MessageDeleted = 2,
    /// Channel: `ref` is the ENTER message, whose author joined. Two pushes: `MemberJoined`,
    /// then `MessageSent`.
    MemberJoined = 3,
    /// Channel: `ref` is the LEAVE message, whose author left. Two pushes: `MemberLeft`, then
    /// `MessageSent`.
    MemberLeft = 4,
    /// Channel: no `ref`. One push, `ChannelDeleted`, after which the subscription completes.
    ChannelDeleted = 5,
    /// User: `ref` is the session that ended. No push; nodes refuse the session from then on.
    SessionEnded = 6,
    /// Channel or user: cached rows of that entity are stale. No push.
    Changed = 7,
    /// Channel: `ref` is the message. One push, `MessageEdited`.
    MessageEdited = 8,
    /// Channel: `ref` is the message. One push, `ReactionsChanged`.
    ReactionsChanged = 9,
    /// Channel: `ref` is the user whose marker it is. One push, `ReadMarkerMoved`.
    ReadMarkerMoved = 10,
    /// Channel: no `ref`; its name, its description or somebody's role are others. One push,
    /// `ChannelUpdated`.
    ChannelUpdated = 11,
    /// Wallet: `ref` is the entry, of a deposit or withdrawal. One push, `EntryPosted`.
    EntryPosted = 12,
    /// Wallet: `ref` is the entry of a transfer. Two pushes: `EntryPosted`, then
    /// `TransferChanged`.
    TransferPosted = 13,
    /// Wallet: `ref` is the transfer, which moved no money of the wallet. One push,
    /// `TransferChanged`.
    TransferChanged = 14,
    /// Wallet: `ref` is the transfer, to which something happened on the other side. One push,
    /// `TransferChanged`, behind those of the wallet where it happened.
    OtherSideChanged = 15,
    /// Wallet: no `ref`. One push, `WalletChanged`.
    WalletChanged = 16,
    /// Wallet: `ref` is the user who came in, by opening it or later. One push,
    /// `WalletChanged`.
    WalletMemberJoined = 17,
    /// Wallet: `ref` is the user who left. One push, `WalletChanged`.
    WalletMemberLeft = 18,
    /// Wallet: `ref` is the scheduled payment that it pays. One push, `ScheduledPaymentChanged`.
    ScheduledPaymentChanged = 19,
    /// Wallet: `ref` is the cycle of dues that it collects. One push, `DuesChanged`.
    DuesChanged = 20,
}

impl FeedKind {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::MessageSent,
        Self::MessageDeleted,
        Self::MemberJoined,
        Self::MemberLeft,
        Self::ChannelDeleted,
        Self::SessionEnded,
        Self::Changed,
        Self::MessageEdited,
        Self::ReactionsChanged,
        Self::ReadMarkerMoved,
        Self::ChannelUpdated,
        Self::EntryPosted,
        Self::TransferPosted,
        Self::TransferChanged,
        Self::OtherSideChanged,
        Self::WalletChanged,
        Self::WalletMemberJoined,
        Self::WalletMemberLeft,
        Self::ScheduledPaymentChanged,
        Self::DuesChanged,
    ];

    /// The stored number.
    pub const fn code(self) -> i16 {
        self as i16
    }

    /// From the stored number.
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// How many pushes a row gives; their ordinals count from [`Self::first_ordinal`].
    pub const fn pushes(self) -> u16 {
        match self {
            Self::MessageSent
            | Self::MessageEdited
            | Self::MessageDeleted
            | Self::ReactionsChanged
            | Self::ReadMarkerMoved
            | Self::ChannelUpdated
            | Self::ChannelDeleted
            | Self::EntryPosted
            | Self::TransferChanged
            | Self::OtherSideChanged
            | Self::WalletChanged
            | Self::WalletMemberJoined
            | Self::WalletMemberLeft
            | Self::ScheduledPaymentChanged
            | Self::DuesChanged => 1,
            Self::MemberJoined | Self::MemberLeft | Self::TransferPosted => 2,
            Self::SessionEnded | Self::Changed => 0,
        }
    }

    /// Ordinal of its first push. Kinds that one event may have rows of have ordinals of their
    /// own each: who follows several entities is told of all.
    pub const fn first_ordinal(self) -> u16 {
        match self {
            Self::OtherSideChanged => 2,
            _ => 0,
        }
    }

    /// Whether it is told of a wallet, in the feed of `money`.
    pub const fn is_of_wallet(self) -> bool {
        matches!(
            self,
            Self::EntryPosted
                | Self::TransferPosted
                | Self::TransferChanged
                | Self::OtherSideChanged
                | Self::WalletChanged
                | Self::WalletMemberJoined
                | Self::WalletMemberLeft
                | Self::ScheduledPaymentChanged
                | Self::DuesChanged
        )
    }
}
